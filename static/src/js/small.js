// Small conveniences: print, copy, the summary of what is wrong, typed passwords, the menu.
const words = document.body.dataset;

document.querySelectorAll("[data-print]").forEach((button) => { button.hidden = false; });

document.addEventListener("click", async (event) => {
  const target = event.target.closest("[data-print], [data-copy]");
  if (!target) return;
  if (target.matches("[data-print]")) {
    window.print();
    return;
  }
  try {
    await navigator.clipboard.writeText(target.dataset.copy);
    const label = target.textContent;
    target.textContent = words.copied;
    setTimeout(() => { target.textContent = label; }, 2000);
  } catch { /* without the right to the clipboard the text stays there to be read */ }
});

document.querySelector("[data-error-summary]")?.focus();

// What is typed can be shown, for whoever cannot type it unseen
document.querySelectorAll("[data-show-password]").forEach((choice) => {
  const form = choice.closest("form");
  const fields = form.querySelectorAll("[type=password]");
  const show = (type) => fields.forEach((field) => { field.type = type; });
  choice.hidden = false;
  choice.addEventListener("change", (event) => show(event.target.checked ? "text" : "password"));
  form.addEventListener("submit", () => show("password"));
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && location.hash === "#menu") location.hash = "content";
});
