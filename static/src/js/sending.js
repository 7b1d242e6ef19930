// A form is sent once: its button says so, and comes back when the page does.
const words = document.body.dataset;

function rest(form, button) {
  form.dataset.sending = "yes";
  form.setAttribute("aria-busy", "true");
  // after the browser has gathered the fields: a disabled button would not send its name
  setTimeout(() => {
    form.querySelectorAll("button[type=submit], button:not([type])").forEach((other) => { other.disabled = true; });
    const label = button?.querySelector("span:not(.visually-hidden)") || button;
    if (!label || !button.dataset.busy) return;
    label.dataset.label = label.textContent;
    label.textContent = button.dataset.busy || words.busy;
  });
}

function wake(form) {
  delete form.dataset.sending;
  form.removeAttribute("aria-busy");
  form.querySelectorAll("button:disabled").forEach((button) => { button.disabled = false; });
  form.querySelectorAll("[data-label]").forEach((label) => {
    label.textContent = label.dataset.label;
    delete label.dataset.label;
  });
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.target === "_blank") return;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  if (!event.defaultPrevented) rest(form, event.submitter || form.querySelector("button[type=submit]"));
});

window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sending]").forEach(wake));
