// Sends what is kept, once: a lock among the tabs where the browser has one, and the key that the server knows it by.
import * as keeping from "./keeping.js";

const SHORT = 15_000; // ms for a token: without an answer by then there is no line
const LONG = 120_000; // ms for photos on a bad line
const FIRST_PAUSE = 5_000;
const LAST_PAUSE = 300_000;
const GONE_AGAIN = [408, 425, 429]; // try later, as with any 5xx

const box = document.querySelector("[data-waiting]");
let pause = FIRST_PAUSE;
let timer = 0;
let isRunning = false;
let isAsked = false;

function asked(url, within, options = {}) {
  const abort = new AbortController();
  const late = setTimeout(() => abort.abort(), within);
  const asking = fetch(url, { cache: "no-store", credentials: "same-origin", signal: abort.signal, ...options });
  return asking.finally(() => clearTimeout(late));
}

function locked(key, ifAvailable, work) {
  return navigator.locks ? navigator.locks.request(`kept ${key}`, { ifAvailable }, work) : work(true);
}

// { url } when the server has it; else { why: "line" | "sign_in" | "refused", answer }
async function post(form, files) {
  let told;
  try {
    told = await (await asked(box.dataset.token, SHORT)).json();
  } catch {
    return { why: "line" };
  }
  if (told.owner !== keeping.owner) return { why: "sign_in" };
  const body = new FormData();
  form.fields.forEach(([name, value]) => body.append(name, value));
  files.forEach(({ field, name, blob }) => body.append(field, blob, name));
  body.append("idempotency_key", form.key);
  const headers = { Accept: "application/json", "X-CSRFToken": told.token, "X-Kept-By": keeping.owner };
  try {
    const response = await asked(form.action, LONG, { method: "POST", body, headers });
    if (response.redirected || response.status === 409) return { why: "sign_in" };
    if (response.status >= 500 || GONE_AGAIN.includes(response.status)) return { why: "line" };
    const isData = (response.headers.get("Content-Type") || "").startsWith("application/json");
    const answer = isData ? await response.json() : null;
    return response.ok && answer ? { url: answer.url } : { why: "refused", answer };
  } catch {
    return { why: "line" };
  }
}

// Send one; it is forgotten here only when the server has said where it stands there. `again` keeps once more what
// another tab has sent, and forgotten, while this one waited: asked under the same key, the server says where it stands.
export function deliver(key, { ifAvailable = false, again = null } = {}) {
  return locked(key, ifAvailable, async (lock) => {
    if (lock && again && !await keeping.get(key)) await again();
    const form = lock && await keeping.get(key);
    if (!form) return null; // another tab is at it, or was
    const told = await post(form, await keeping.filesOf(key));
    if (told.url) await keeping.drop(key);
    else await keeping.change(key, { why: told.why, answer: told.answer || null });
    return told;
  });
}

const announce = (name, detail) => document.dispatchEvent(new CustomEvent(`kept:${name}`, { detail }));

async function rounds() {
  let left = 0;
  for (const form of await keeping.all()) {
    if (!form.waiting || form.why === "refused") continue;
    announce("sending");
    const told = await deliver(form.key, { ifAvailable: true });
    if (told && told.url) announce("sent", { key: form.key, url: told.url });
    else if (!told || told.why === "line") left += 1; // another tab is at it: see later what came of that
    if (told && told.why !== "refused" && !told.url) break; // the others would fare no better
  }
  announce("changed");
  return left;
}

async function sendAll() {
  clearTimeout(timer);
  isAsked = true; // also while a round is under way, which may have begun without a line
  if (isRunning) return;
  isRunning = true;
  let left = 0;
  while (isAsked) {
    isAsked = false;
    left = await rounds().catch(() => 0);
  }
  isRunning = false;
  if (left) sendLater();
}

// There was no line a moment ago: after a pause, a longer one each time
export function sendLater() {
  clearTimeout(timer);
  timer = setTimeout(sendAll, pause);
  pause = Math.min(pause * 2, LAST_PAUSE);
}

// The line may be back: begin again with short pauses
export function sendNow() {
  pause = FIRST_PAUSE;
  return sendAll();
}
