// The wall turns its panels and fetches new figures. Without this file each panel is a page that leads to the next.
const wall = document.querySelector("[data-wall]");
const pause = document.querySelector("[data-wall-pause]");
const old = document.querySelector("[data-wall-old]");
const number = document.querySelector("[data-wall-number]");
const stay = Number(wall.dataset.stay) * 1000;
const RENEW = 60_000; // milliseconds after which the next turn asks for new figures
const OLD = 180_000; // after which they are called old

const panels = () => [...wall.querySelectorAll("[data-wall-panel]")];
let at = Math.max(0, panels().findIndex((panel) => !panel.hidden));
let isPaused = pause.dataset.wallPause === "paused";
let fetched = performance.now();
let timer;

function show(next) {
  const all = panels();
  at = all.length && (next + all.length) % all.length;
  all.forEach((panel, i) => { panel.hidden = i !== at; });
  number.textContent = all[at]?.dataset.wallPanel || "";
}

// Figures of the same address, put in the place of those on the wall; a new release of the portal loads the whole page
async function renew() {
  if (performance.now() - fetched < RENEW) return;
  const address = new URL(location);
  address.searchParams.delete("show");
  try {
    const answer = await fetch(address, { redirect: "error", cache: "no-store" });
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const files = (root) => [...root.querySelectorAll("head script, head link")].map((file) => file.getAttribute("src") || file.getAttribute("href")).join();
    if (files(page) !== files(document)) return location.reload();
    wall.replaceChildren(...page.querySelector("[data-wall]").children);
    document.querySelector("[data-wall-as-of]").replaceWith(page.querySelector("[data-wall-as-of]"));
    fetched = performance.now();
    wall.dispatchEvent(new CustomEvent("charts:new", { bubbles: true }));
  } catch { /* what hangs there stays, and soon says how old it is */ }
  old.hidden = performance.now() - fetched < OLD;
}

async function turn(step = 1) {
  clearTimeout(timer);
  await renew();
  show(at + step);
  wait();
}

const isRead = () => wall.contains(document.activeElement); // by somebody with a keyboard

function wait() {
  clearTimeout(timer);
  timer = setTimeout(() => (isPaused || isRead() ? renew().then(() => { show(at); wait(); }) : turn()), stay);
}

function setPaused(paused) {
  isPaused = paused;
  pause.querySelectorAll("[data-when]").forEach((words) => { words.hidden = (words.dataset.when === "paused") !== paused; });
  wait();
}

document.querySelectorAll("[data-wall-step]").forEach((link) => link.addEventListener("click", (event) => {
  event.preventDefault();
  turn(Number(link.dataset.wallStep));
}));
document.querySelectorAll("[data-wall-plain]").forEach((link) => { link.hidden = true; });
pause.hidden = false;
pause.addEventListener("click", () => setPaused(!isPaused));

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
  const steps = { ArrowRight: 1, ArrowLeft: -1 };
  if (event.key === " " && !event.target.closest("a, button, summary, [tabindex='0']")) setPaused(!isPaused);
  else if (steps[event.key]) turn(steps[event.key]);
  else return;
  event.preventDefault();
});

show(at);
setPaused(isPaused);
