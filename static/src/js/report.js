// A report keeps what was typed, chosen and photographed, and is sent when there is a line. Without this file, or where
// the browser keeps nothing, the form is sent as any other.
import { deliver, sendLater } from "./delivery.js";
import * as keeping from "./keeping.js";
import { watch } from "./outbox.js";
import { chooseFlat } from "./flats.js";
import { KeptList } from "./kept_list.js";
import { lookForTheSame } from "./same.js";
import { clearErrors, showErrors } from "./wrong.js";

const WORDS_REST = 400; // ms without a key before what was typed is kept
const form = document.querySelector("form[data-kept]");
const NOT_CONTENT = ["csrfmiddlewaretoken", "idempotency_key", "anyway"];

const newKey = () => (crypto.randomUUID ? crypto.randomUUID()
  : "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) => (c ^ crypto.getRandomValues(new Uint8Array(1))[0] & 15 >> c / 4).toString(16)));

class Report {
  constructor() {
    this.key = form.elements.namedItem("idempotency_key");
    this.queued = document.querySelector("[data-queued]");
    this.boxes = [...form.querySelectorAll("[data-photos]")];
    this.steps = [...form.querySelectorAll("[data-step]")];
    this.isTouched = false;
    this.written = Promise.resolve();
    this.shots = this.keptShots = 0; // how often photos changed, and how far they are kept
    this.list = new KeptList((kept) => this.restore(kept));
    this.listen();
    this.list.show(this.key.value);
    if (this.boxes.some((box) => box.matches(".has-photos"))) this.photographed(); // before we listened
  }

  photographed() {
    this.soon(0, true);
    this.showBefore();
  }

  listen() {
    form.addEventListener("input", () => this.soon());
    form.addEventListener("change", ({ target }) => { if (target.type !== "file") this.soon(0); });
    form.addEventListener("photos:added", () => this.photographed());
    form.addEventListener("click", ({ target }) => {
      const button = target.closest("[type=submit]");
      if (button) this.pressed = button;
      if (target.closest(".photo-remove")) this.photographed();
      else if (this.isTouched) this.soon();
    });
    // after app.js, which lets the button rest and keeps the key in the page's history
    document.addEventListener("submit", (event) => {
      const button = event.submitter || this.pressed;
      if (event.target !== form || event.defaultPrevented || (button && button.name)) return; // a named one asks for something else
      event.preventDefault();
      this.send(button);
    });
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.keep(); });
    window.addEventListener("pagehide", () => this.keep());
    document.addEventListener("kept:changed", async () => {
      const { value } = this.key;
      // sent by another tab, it waits no more
      if (!this.queued.hidden && !await keeping.get(value) && this.key.value === value) this.begin();
      else this.list.show(value);
    });
    document.addEventListener("kept:sent", ({ detail }) => {
      if (!this.queued.hidden && detail.key === this.key.value) this.begin();
    });
    this.queued.querySelector("button").addEventListener("click", () => this.begin());
  }

  soon(delay = WORDS_REST, withPhotos = false) {
    this.isTouched = true;
    if (withPhotos) this.shots += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), delay);
  }

  // What is in the form now, as it would be sent
  fields() {
    const entered = [...new FormData(form)].filter(([name, value]) => !NOT_CONTENT.includes(name) && typeof value === "string");
    return [...entered, ["anyway", "on"]]; // what may be the same has been shown, or there was no line to ask
  }

  about() {
    const category = form.querySelector("[name=category]:checked");
    const place = form.elements.namedItem("place");
    const said = [category && category.labels[0].querySelector(".choice-label").textContent, place.selectedOptions && place.selectedOptions[0].text];
    return said.filter(Boolean).join(" · ");
  }

  async keep(changes = {}) {
    clearTimeout(this.timer);
    if (!this.isTouched) return;
    const files = this.boxes.flatMap((box) => [...box.querySelectorAll("input[type=file]")].flatMap(
      (input) => [...input.files].map((file) => ({ field: input.name, name: file.name, blob: file }))));
    const kept = { key: this.key.value, action: form.action, page: location.pathname, fields: this.fields(), at: Date.now(),
      step: this.steps.findIndex((step) => !step.hidden), about: this.about(), photos: files.length, waiting: false, why: "", ...changes };
    const { shots } = this; // one more may come while these are written
    // One after the other: photos take long, and what was entered before them must not come last
    this.written = this.written.then(async () => {
      if (shots !== this.keptShots || changes.waiting) await keeping.putFiles(kept.key, files);
      this.keptShots = shots;
      if (this.key.value === kept.key || changes.waiting) await keeping.put(kept); // else sent or put aside meanwhile
    }).catch(() => { /* the phone is full: it is still on the page */ });
    await this.written;
  }

  async send(button) {
    clearErrors(form);
    this.isTouched = true;
    const key = this.key.value;
    const action = button && button.hasAttribute("formaction") ? button.formAction : form.action;
    const keep = () => this.keep({ waiting: true, action });
    await keep();
    const told = await deliver(key, { again: keep }) || { why: "line" };
    if (told.url) {
      this.isTouched = false;
      location.assign(told.url);
      return;
    }
    form.dispatchEvent(new CustomEvent("sending:over", { bubbles: true }));
    if (told.why === "refused") await this.refused(key, told.answer);
    else this.wait();
  }

  async refused(key, answer) {
    const wrong = answer || { general: [form.dataset.refused], fields: [], key };
    if (wrong.key && wrong.key !== key) {
      await keeping.drop(key);
      this.key.value = wrong.key;
      this.shots += 1; // they go under the new key
    }
    await this.keep();
    showErrors(form, wrong);
    const step = this.steps.findIndex((one) => one.querySelector(".field-wrong"));
    if (step >= 0 && this.steps[step].hidden) form.dispatchEvent(new CustomEvent("steps:restored", { detail: step }));
  }

  wait() {
    this.isTouched = false;
    form.hidden = true;
    this.queued.hidden = false;
    this.queued.focus();
    document.dispatchEvent(new CustomEvent("kept:changed"));
    sendLater();
  }

  // An empty form under a key of its own
  begin(key = newKey()) {
    clearTimeout(this.timer);
    clearErrors(form);
    form.reset();
    this.key.value = key;
    this.isTouched = false;
    this.keptShots = this.shots;
    this.fill([]);
    this.queued.hidden = true;
    form.hidden = false;
    form.dispatchEvent(new CustomEvent("steps:restored", { detail: 0 }));
    this.list.show(key);
  }

  fill(files) {
    this.boxes.forEach((box) => {
      const { name } = box.querySelector("input[type=file]");
      const mine = files.filter(({ field }) => field === name);
      const detail = mine.map((one) => Object.assign(new File([one.blob], one.name, { type: one.blob.type }), { kept: true }));
      box.dispatchEvent(new CustomEvent("photos:restore", { detail }));
    });
  }

  async restore(kept) {
    await this.keep(); // what is in the form now
    this.begin(kept.key);
    await keeping.change(kept.key, { waiting: false });
    kept.fields.forEach(([name, value]) => {
      const controls = [...form.querySelectorAll(`[name="${name}"]`)];
      const chosen = controls.find((control) => /radio|checkbox/.test(control.type) && control.value === value);
      if (chosen) chosen.checked = true;
      else if (controls[0] && !/radio|checkbox|file/.test(controls[0].type)) controls[0].value = value;
    });
    this.fill(await keeping.filesOf(kept.key));
    form.querySelectorAll("details").forEach((part) => {
      part.open = part.open || [...part.querySelectorAll("input, textarea")].some((one) => (one.type === "checkbox" ? one.checked : one.type !== "file" && one.value));
    });
    form.dispatchEvent(new CustomEvent("steps:restored", { detail: Math.max(kept.step, 0) }));
    form.dispatchEvent(new CustomEvent("kept:restored"));
    if (kept.answer) showErrors(form, kept.answer);
    document.dispatchEvent(new CustomEvent("kept:changed"));
  }

  // Beside "photo afterwards" stands what it was before
  showBefore() {
    const box = form.querySelector("[data-before]");
    if (!box) return;
    setTimeout(() => {
      const shots = [...form.querySelectorAll("#id_photos canvas")].slice(0, 3);
      box.querySelector("[data-before-photos]").replaceChildren(...shots.map((shot) => {
        const copy = Object.assign(document.createElement("canvas"), { width: 320, height: 320 });
        copy.getContext("2d").drawImage(shot, 0, 0);
        return copy;
      }));
      box.hidden = !shots.length;
    });
  }
}

let able = true;
try { new DataTransfer(); } catch { able = false; } // without it photos cannot be put back into the form

(async () => {
  const keeps = await watch().catch(() => false);
  if (form && keeps && able) new Report();
})();
lookForTheSame(form);
chooseFlat(form);
