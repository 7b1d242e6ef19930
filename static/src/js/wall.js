// The wall turns its panels and fetches new figures. Without this file each panel is a page that leads to the next.
const wall = document.querySelector("[data-wall]");
const pause = document.querySelector("[data-wall-pause]");
const old = document.querySelector("[data-wall-old]");
const number = document.querySelector("[data-wall-number]");
const stay = Number(wall.dataset.stay) * 1000;
const RENEW = 60_000; // milliseconds after which a turn asks for new figures
const PATIENCE = 15_000; // how long it waits for them
const OLD = 180_000; // after which those that hang there are called old

const panels = () => [...wall.querySelectorAll("[data-wall-panel]")];
let at = Math.max(0, panels().findIndex((panel) => !panel.hidden));
let isPaused = pause.dataset.wallPause === "paused";
let hung = performance.now(); // when the figures came that hang there
let fresh = null; // those that come next
let isAsking = false;
let timer;

function show(next) {
  const all = panels();
  at = all.length && (next + all.length) % all.length;
  all.forEach((panel, i) => { panel.hidden = i !== at; });
  number.textContent = all[at]?.dataset.wallPanel || "";
  old.hidden = performance.now() - hung < OLD;
}

const files = (page) => [...page.querySelectorAll("head script, head link")].map((file) => file.getAttribute("src") || file.getAttribute("href")).join();

// The same address once more, while the panel hangs; a new release of the portal loads the whole page
async function ask() {
  if (isAsking || performance.now() - hung < RENEW) return;
  isAsking = true;
  const address = new URL(location);
  address.searchParams.delete("show");
  try {
    const answer = await fetch(address, { redirect: "error", cache: "no-store", signal: AbortSignal.timeout?.(PATIENCE) });
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (files(page) !== files(document)) location.reload();
    else if (page.querySelector("[data-wall]")) fresh = { page, since: performance.now() };
  } catch { /* what hangs there stays, and soon says that it is old */ }
  isAsking = false;
}

function hang() {
  if (!fresh) return;
  wall.replaceChildren(...fresh.page.querySelector("[data-wall]").children);
  document.querySelector("[data-wall-as-of]").replaceWith(fresh.page.querySelector("[data-wall-as-of]"));
  hung = fresh.since;
  fresh = null;
  wall.dispatchEvent(new CustomEvent("charts:new", { bubbles: true }));
}

function turn(step) {
  hang();
  show(at + step);
  ask();
  wait();
}

const isRead = () => wall.contains(document.activeElement); // by somebody with a keyboard

function wait() {
  clearTimeout(timer);
  timer = setTimeout(() => turn(isPaused || isRead() ? 0 : 1), stay);
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
