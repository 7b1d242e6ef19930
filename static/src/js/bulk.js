// Ticking rows: all at once, counted, and the bar says how many.
const rows = (form) => [...form.querySelectorAll("[data-bulk-item]")];

function show(form) {
  const all = rows(form);
  const ticked = all.filter((box) => box.checked);
  all.forEach((box) => box.closest("tr, li")?.classList.toggle("is-picked", box.checked));
  const head = form.querySelector("[data-bulk-all]");
  if (head) {
    head.checked = all.length > 0 && ticked.length === all.length;
    head.indeterminate = ticked.length > 0 && ticked.length < all.length;
  }
  const bar = document.querySelector(`[data-bulk-bar="${form.id}"]`);
  if (!bar) return;
  bar.hidden = ticked.length === 0;
  const count = bar.querySelector("[data-bulk-count]");
  count.textContent = count.dataset.words.replace("{n}", ticked.length);
}

function start(root) {
  root.querySelectorAll("[data-bulk-bar]").forEach((bar) => {
    const form = document.getElementById(bar.dataset.bulkBar);
    if (form) show(form);
  });
  root.querySelectorAll("[data-bulk-all]").forEach((box) => { box.closest("label, th, td").hidden = false; box.hidden = false; });
}

document.addEventListener("change", (event) => {
  const box = event.target;
  const form = box.form;
  if (!form || !box.matches("[data-bulk-item], [data-bulk-all]")) return;
  if (box.matches("[data-bulk-all]")) rows(form).forEach((row) => { row.checked = box.checked; });
  show(form);
});
window.addEventListener("pageshow", () => start(document));
document.addEventListener("htmx:afterSettle", () => start(document));
