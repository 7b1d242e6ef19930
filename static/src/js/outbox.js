// On every page of somebody signed in: what waits is shown and sent by itself; whoever signs out leaves nothing behind.
import * as keeping from "./keeping.js";
import { sendNow } from "./delivery.js";

const PATIENCE = 5_000; // ms for the browser's database, which in some old ones never answers
const SIGNS_OUT = 'form[action$="/sign-out/"], form[action$="/consent/withdraw/"]';
const box = document.querySelector("[data-waiting]");

const inTime = (asked, otherwise) => Promise.race([
  asked.catch(() => otherwise), new Promise((done) => { setTimeout(done, PATIENCE, otherwise); })]);

class Bar {
  constructor() {
    this.words = box.querySelector("[data-waiting-words]");
    [this.send, this.look, this.leave] = ["send", "look", "leave"].map((name) => box.querySelector(`[data-waiting-${name}]`));
    this.sent = "";
    this.leaving = null;
    this.send.addEventListener("click", () => sendNow());
    this.leave.addEventListener("click", () => this.goodbye());
    document.addEventListener("kept:changed", () => this.show());
    document.addEventListener("kept:sending", () => { this.send.disabled = true; });
    document.addEventListener("kept:sent", ({ detail }) => { this.sent = detail.url; });
    document.addEventListener("submit", (event) => this.askBeforeLeaving(event), true);
  }

  async show() {
    const forms = await keeping.all();
    const waiting = forms.filter((form) => form.waiting);
    const said = box.dataset;
    const stuck = waiting.find((form) => form.why && form.why !== "line");
    const lines = [];
    if (this.leaving && forms.length) lines.push(said.leaving.replace("{n}", forms.length));
    else if (waiting.length) lines.push(said.some.replace("{n}", waiting.length));
    else if (this.sent) lines.push(said.sent);
    if (stuck && !this.leaving) lines.push(stuck.why === "refused" ? said.refused : said.signIn);
    else if (waiting.length && !this.leaving) lines.push(said.hint);
    this.words.replaceChildren(...lines.map((text) => Object.assign(document.createElement("span"), { textContent: text })));
    this.send.disabled = false;
    this.send.hidden = !waiting.length || Boolean(stuck && stuck.why === "refused");
    this.leave.hidden = !(this.leaving && forms.length);
    const to = waiting.length || this.leaving ? (stuck && stuck.why === "sign_in" && said.signInUrl) || (forms[0] && forms[0].page) : this.sent;
    this.look.hidden = !to || to === location.pathname;
    this.look.href = to || "";
    box.hidden = !lines.length;
  }

  async askBeforeLeaving(event) {
    const form = event.target;
    if (!form.matches(SIGNS_OUT)) return;
    event.preventDefault();
    this.leaving = form;
    const forms = await inTime(keeping.all(), []);
    if (!forms.length) {
      this.goodbye();
      return;
    }
    await this.show();
    location.hash = "content"; // closes the menu of a phone
    box.scrollIntoView({ block: "center" });
    box.focus();
  }

  async goodbye() {
    await inTime(keeping.clear());
    this.leaving.submit();
  }
}

export async function watch() {
  if (!box) return false;
  const bar = new Bar(); // listens at once: whoever signs out in haste is asked as well
  if (!await keeping.ready()) return false;
  bar.show();
  window.addEventListener("online", sendNow);
  window.addEventListener("pageshow", sendNow);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) sendNow(); });
  sendNow();
  return true;
}
