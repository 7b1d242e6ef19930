// What is kept on this phone, above the form: to go on with, or to be thrown away.
import * as keeping from "./keeping.js";

export class KeptList {
  constructor(open) {
    this.open = open;
    this.root = document.querySelector("[data-kept-list]");
    this.pattern = this.root.querySelector("template").content;
    this.rows = this.root.querySelector("ul");
  }

  async show(current) {
    const forms = (await keeping.all()).filter(({ key, page }) => key !== current && page === location.pathname);
    const told = JSON.stringify(forms);
    if (told === this.told) return; // left alone: a thumb may be on it, for the second of two taps
    this.told = told;
    this.rows.replaceChildren(...forms.map((form) => this.row(form)));
    this.root.hidden = !forms.length;
  }

  row(form) {
    const words = this.root.dataset;
    const item = this.pattern.cloneNode(true).firstElementChild;
    const [state, go, away] = ["state", "go", "away"].map((name) => item.querySelector(`[data-kept-${name}]`));
    state.textContent = { refused: words.refused, sign_in: words.signIn }[form.why] || (form.waiting ? words.queue : words.draft);
    item.querySelector("[data-kept-about]").textContent = form.about || words.nameless;
    const at = new Date(form.at).toLocaleString(document.documentElement.lang, { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
    item.querySelector("[data-kept-meta]").textContent = [at, form.photos && words.shots.replace("{n}", form.photos)].filter(Boolean).join(" · ");
    go.addEventListener("click", () => this.open(form));
    away.addEventListener("click", async () => {
      if (!away.dataset.sure) {
        away.dataset.sure = "yes"; // twice: what is thrown away is gone
        away.querySelector("span").textContent = words.sure;
        return;
      }
      await keeping.drop(form.key);
      document.dispatchEvent(new CustomEvent("kept:changed"));
    });
    return item;
  }
}
