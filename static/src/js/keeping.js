// What has not been sent yet, in the browser's own database: a closed tab or a dead battery loses nothing.
// Each form is kept under its idempotency key and its owner; nobody else signed in on this phone sees or sends it.
import { openDB } from "idb";

const LONGEST = 14 * 24 * 3600 * 1000; // ms; what others left on a shared phone goes after two weeks
const box = document.querySelector("[data-waiting]");

export const owner = box ? box.dataset.owner : "";
let opened;

function base() {
  opened = opened || openDB("kept", 1, {
    upgrade(db) {
      db.createObjectStore("forms", { keyPath: "key" });
      db.createObjectStore("files", { keyPath: "key" }); // apart: they are not written again with every word typed
    },
    terminated() { opened = null; },
  });
  return opened;
}

// Other pages ask this before they fetch what looks after it (kept.js)
function mark(number) {
  try {
    if (number) localStorage.setItem("kept", "yes");
    else localStorage.removeItem("kept");
  } catch { /* they look for themselves */ }
}

export async function ready() {
  try {
    const db = await base();
    const old = (await db.getAll("forms")).filter((form) => form.owner !== owner && Date.now() - form.at > LONGEST);
    await Promise.all(old.map(({ key }) => drop(key)));
    mark(await db.count("forms"));
    return Boolean(owner);
  } catch {
    return false; // an old browser, or one that keeps nothing: the plain form does
  }
}

export async function all() {
  const forms = (await (await base()).getAll("forms")).filter((form) => form.owner === owner);
  return forms.sort((one, other) => one.at - other.at);
}

export async function get(key) {
  const form = await (await base()).get("forms", key);
  return form && form.owner === owner ? form : null;
}

export async function put(form) {
  mark(1);
  await (await base()).put("forms", { ...form, owner });
}

export async function change(key, changes) {
  const form = await get(key);
  if (form) await put({ ...form, ...changes });
}

export async function putFiles(key, files) {
  await (await base()).put("files", { key, files });
}

export async function filesOf(key) {
  const kept = await (await base()).get("files", key);
  return kept ? kept.files : [];
}

export async function drop(key) {
  const db = await base();
  await Promise.all([db.delete("forms", key), db.delete("files", key)]);
}

export async function clear() {
  const db = await base();
  await Promise.all([db.clear("forms"), db.clear("files")]);
}
