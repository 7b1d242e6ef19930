// A form is sent once: its button says so, and comes back when the page does.
const words = document.body.dataset;
const labels = new Map(); // what stood on the buttons: text node → words

const textOf = (button) => {
  const walker = document.createTreeWalker(button, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.data.trim() && !node.parentElement.closest(".visually-hidden")) return node;
  }
  return null;
};

function rest(form, button) {
  form.dataset.sending = "yes";
  form.setAttribute("aria-busy", "true");
  // after the browser has gathered the fields: a disabled button would not send its name
  setTimeout(() => {
    form.querySelectorAll("button[type=submit], button:not([type])").forEach((other) => { other.disabled = true; });
    const text = button && !button.matches(".tool") && textOf(button);
    if (!text) return;
    labels.set(text, text.data);
    text.data = button.dataset.busy || words.busy;
  });
}

function wake(form) {
  delete form.dataset.sending;
  form.removeAttribute("aria-busy");
  form.querySelectorAll("button:disabled").forEach((button) => { button.disabled = false; });
}

// Whoever goes back finds what they typed in a page with a new key: the key that was sent comes back as well, so that
// sending the same again makes no second record.
const keyOf = (form) => form.elements.namedItem("idempotency_key");

function keep(form) {
  const key = keyOf(form);
  if (key) history.replaceState({ ...history.state, sent: { ...history.state?.sent, [form.action]: key.value } }, "");
}

[...document.forms].forEach((form) => {
  const sent = keyOf(form) && history.state?.sent?.[form.action];
  if (sent) keyOf(form).value = sent;
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.target === "_blank") return;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  if (event.defaultPrevented) return;
  keep(form);
  rest(form, event.submitter || form.querySelector("button[type=submit]"));
});

function wakeAll() {
  document.querySelectorAll("form[data-sending]").forEach(wake);
  labels.forEach((said, text) => { text.data = said; });
  labels.clear();
}

window.addEventListener("pageshow", wakeAll); // whoever goes back
document.addEventListener("sending:over", wakeAll); // a script sent it, and stayed on the page
