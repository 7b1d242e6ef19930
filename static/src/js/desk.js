// The desk's keys: through the rows of a list, and from one incident of it to the next. Nothing happens while one types.
const page = document;
const typing = (target) => target.closest("input:not([type=checkbox]):not([type=radio]), select, textarea, [contenteditable], dialog[open]");
const rows = () => [...page.querySelectorAll("[data-desk-list] tbody tr")];
let at = null; // the address of the row that the keys stand on: it outlives a swapped table

const linkOf = (row) => row?.querySelector("th a");

function stand(row) {
  rows().forEach((other) => other.classList.toggle("is-at", other === row));
  if (!row) return;
  at = linkOf(row).pathname;
  linkOf(row).focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function walk(step) {
  const all = rows();
  const now = all.findIndex((row) => row.classList.contains("is-at") || row.contains(page.activeElement));
  stand(all[Math.min(Math.max(now < 0 && step < 0 ? all.length - 1 : now + step, 0), all.length - 1)]);
}

function tick() {
  const box = page.querySelector("tr.is-at [data-bulk-item]");
  if (box) box.click();
}

const go = (selector) => page.querySelector(selector)?.click();
const inList = {
  j: () => walk(1),
  ArrowDown: () => walk(1),
  k: () => walk(-1),
  ArrowUp: () => walk(-1),
  x: tick,
  Enter: () => linkOf(page.querySelector("tr.is-at"))?.click(),
  "/": () => page.querySelector(".filter-bar [name=q]")?.focus(),
};
const inDetail = {
  n: () => go(".along [rel=next]"),
  p: () => go(".along [rel=prev]"),
  u: () => go("[data-desk-back], .page-back"),
};
const isList = page.querySelector("[data-desk-list]");
const keys = { ...(isList ? inList : inDetail), "?": () => go("[data-keys-open]") };

page.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.isComposing || typing(event.target)) return;
  const act = keys[event.key];
  // a link or a button under the keys goes on doing what it does
  if (!act || (event.key === "Enter" && event.target.closest("a, button, summary, input"))) return;
  event.preventDefault();
  act();
});
page.addEventListener("focusin", (event) => {
  const row = event.target.closest?.("[data-desk-list] tbody tr");
  if (row && !row.classList.contains("is-at")) rows().forEach((other) => other.classList.toggle("is-at", other === row));
});
page.addEventListener("htmx:afterSettle", () => {
  const row = at && rows().find((one) => linkOf(one).pathname === at);
  rows().forEach((other) => other.classList.toggle("is-at", other === row));
});

// Back from an incident, the keys stand on its row again
const before = sessionStorage.getItem("desk-at");
if (isList && before) rows().find((row) => linkOf(row).pathname === before)?.classList.add("is-at");
if (!isList && page.querySelector(".along")) sessionStorage.setItem("desk-at", location.pathname);

// Which keys there are
const hint = page.querySelector("[data-desk-keys]");
const sheet = hint?.querySelector("dialog");
if (sheet?.showModal) {
  hint.hidden = false;
  hint.querySelector("[data-keys-open]").addEventListener("click", () => sheet.showModal());
}

// What takes longer to find comes after the page; without it the link leads there
const later = page.querySelector("[data-desk-later]");
if (later) {
  fetch(later.dataset.deskLater, { credentials: "same-origin" })
    .then((answer) => (answer.ok && !answer.redirected ? answer.text() : ""))
    .then((text) => {
      const found = text && new DOMParser().parseFromString(text, "text/html").getElementById("alike");
      if (found) later.replaceWith(page.adoptNode(found));
    })
    .catch(() => {});
}
