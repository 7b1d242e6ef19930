// Lists: filters that send themselves, and on a phone stay folded until asked for.
const phone = window.matchMedia("(max-width: 991.98px)");

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-auto-submit]");
  if (form && event.target.matches("select, [type=checkbox], [type=radio], [type=date]")) form.requestSubmit();
});

function fold() {
  document.querySelectorAll("[data-fold-on-phone]").forEach((details) => { details.open = !phone.matches; });
}
fold();
phone.addEventListener?.("change", fold);

// A table wider than its place can be scrolled with the keys as well
function reach() {
  document.querySelectorAll(".table-wrap").forEach((wrap) => {
    if (wrap.scrollWidth <= wrap.clientWidth || getComputedStyle(wrap).overflowX === "visible") return;
    wrap.tabIndex = 0;
    wrap.setAttribute("role", "region");
    wrap.setAttribute("aria-label", wrap.querySelector("caption")?.textContent || document.title);
  });
}
reach();
document.addEventListener("htmx:afterSettle", reach);

// A filter left empty says nothing and need not stand in the address
document.addEventListener("formdata", (event) => {
  if (!event.target.matches("form[data-auto-submit]")) return;
  for (const [name, value] of [...event.formData.entries()]) if (value === "") event.formData.delete(name);
});
