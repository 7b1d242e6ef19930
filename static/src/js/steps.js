// One question a screen for `<form data-steps>`. The browser's back button goes one question back.
const words = document.body.dataset;

function element(tag, className, text = "") {
  return Object.assign(document.createElement(tag), { className, textContent: text });
}

// Grouped tiles become two questions: which group, then which of its choices
function partGroups(step) {
  const box = step.querySelector("[data-groups]");
  if (!box) return;
  const groups = [...box.querySelectorAll("[data-group]")];
  const question = element("fieldset", "step");
  question.dataset.step = question.dataset.manual = "";
  const legend = element("legend", "step-title", box.dataset.groups);
  legend.tabIndex = -1;
  const list = element("div", groups.length > 6 ? "tile-list tile-list-3" : "tile-list tile-list-2");
  question.append(legend, list);

  const choose = (chosen) => groups.forEach((group) => { group.hidden = group !== chosen; });
  groups.forEach((group) => {
    const button = element("button", "tile-button");
    button.type = "button";
    button.append(...[...group.querySelector(".tile-group-title").childNodes].map((node) => node.cloneNode(true)));
    button.addEventListener("click", () => {
      choose(group);
      box.querySelectorAll("[data-group][hidden] input").forEach((input) => { input.checked = false; });
      question.dataset.chosen = "yes";
      question.dispatchEvent(new CustomEvent("step:next", { bubbles: true }));
    });
    list.append(button);
  });
  const settle = () => {
    const already = groups.find((group) => group.querySelector("input:checked"));
    question.dataset.chosen = already ? "yes" : "";
    choose(already || groups[0]);
  };
  settle();
  box.closest("form").addEventListener("steps:restored", settle);
  step.before(question);
}

class Steps {
  constructor(form) {
    this.form = form;
    form.querySelectorAll("[data-step]").forEach(partGroups);
    this.steps = [...form.querySelectorAll("[data-step]")];
    this.last = this.steps.length - 1;
    this.ends = [...form.querySelectorAll("[data-steps-end]")];
    form.noValidate = true;
    form.classList.add("is-stepped");
    this.build();
    this.listen();
    const wrong = this.steps.findIndex((step) => step.querySelector(".field-wrong"));
    this.show(wrong < 0 ? 0 : wrong, { focus: false });
    history.replaceState({ ...history.state, step: this.at }, "");
  }

  build() {
    this.top = element("div", "steps-top");
    this.count = element("p", "steps-count");
    const track = element("div", "steps-track");
    track.setAttribute("aria-hidden", "true");
    this.marks = this.steps.map(() => element("span", ""));
    track.append(...this.marks);
    this.top.append(this.count, track);
    this.steps[0].before(this.top);

    this.buttons = element("div", "steps-buttons");
    this.back = element("button", "btn btn-secondary btn-lg", words.back);
    this.next = element("button", "btn btn-primary btn-lg", words.next);
    this.back.type = this.next.type = "button";
    this.send = this.steps[this.last].querySelector(":scope > [type=submit]") || element("i"); // within reach of a thumb
    this.buttons.append(this.back, this.next, this.send);
    this.steps[this.last].after(this.buttons);
    this.back.addEventListener("click", () => history.back());
    this.next.addEventListener("click", () => this.forward());
  }

  listen() {
    const { form } = this;
    let pointer = false; // arrow keys walk through the choices and must not send the reader on
    form.addEventListener("pointerdown", () => { pointer = true; });
    form.addEventListener("keydown", (event) => {
      pointer = false;
      if (event.key === "Enter" && event.target.matches("input") && this.at < this.last) {
        event.preventDefault();
        this.forward();
      }
    });
    form.addEventListener("click", (event) => {
      if (pointer && event.target.matches("input[type=radio]") && this.isOneChoice()) this.soon(180);
    });
    form.addEventListener("photos:added", ({ target }) => { if (this.step.contains(target) && this.mayGoOn()) this.soon(700); });
    form.addEventListener("steps:restored", ({ detail }) => this.go(detail));
    form.addEventListener("step:next", () => this.forward());
    form.addEventListener("submit", (event) => {
      const lacking = this.steps.findIndex((step) => !this.isFilled(step));
      if (lacking < 0) return;
      event.preventDefault();
      this.show(lacking);
      this.complain(this.steps[lacking]);
    }, true);
    window.addEventListener("popstate", (event) => {
      if (Number.isInteger(event.state?.step)) this.show(event.state.step);
    });
    document.addEventListener("click", (event) => {
      const link = event.target.closest(".error-summary a");
      const field = link && document.getElementById(link.hash.slice(1));
      const step = this.steps.findIndex((one) => one.contains(field));
      if (step >= 0) {
        event.preventDefault();
        this.go(step);
        field.focus();
      }
    });
  }

  get step() { return this.steps[this.at]; }

  mayGoOn() { return this.at < this.last && !("manual" in this.step.dataset); }

  isOneChoice() {
    const others = this.step.querySelectorAll("textarea, select, input:not([type=radio]):not([type=hidden])");
    const names = new Set([...this.step.querySelectorAll("input[type=radio]")].map((input) => input.name));
    return this.mayGoOn() && others.length === 0 && names.size === 1;
  }

  isFilled(step) {
    if (step.querySelector(".tile-button")) return step.dataset.chosen === "yes";
    const photos = step.querySelector("[data-photos][data-required]");
    if (photos && ![...photos.querySelectorAll("input")].some((input) => input.checked || input.files?.length)) return false;
    return [...step.querySelectorAll("input, select, textarea")].every((control) => control.checkValidity());
  }

  complain(step) {
    step.querySelector("[data-complaint]")?.remove();
    const wrong = [...step.querySelectorAll("input, select, textarea")].find(
      (control) => !control.checkValidity() && control.offsetParent,
    );
    const isChoice = !wrong || wrong.matches("[type=radio]");
    const text = isChoice ? words.choose : (wrong.value ? wrong.validationMessage : words.fill);
    const line = element("p", "field-error", text);
    line.dataset.complaint = "";
    line.setAttribute("role", "alert");
    step.querySelector("legend").after(line);
    (wrong || step.querySelector("button"))?.focus();
  }

  // long enough to see what was chosen; a second tap, or "next" meanwhile, must not skip a question
  soon(delay) {
    const { at } = this;
    setTimeout(() => { if (this.at === at) this.forward(); }, delay);
  }

  forward() {
    if (this.at >= this.last) return;
    if (!this.isFilled(this.step)) {
      this.complain(this.step);
      return;
    }
    this.go(this.at + 1);
  }

  go(number) {
    history.pushState({ step: number }, "");
    this.show(number);
  }

  show(number, { focus = true } = {}) {
    this.at = Math.min(Math.max(number, 0), this.last);
    this.steps.forEach((step, index) => { step.hidden = index !== this.at; });
    this.step.querySelector("[data-complaint]")?.remove();
    this.marks.forEach((mark, index) => { mark.className = index <= this.at ? "is-past" : ""; });
    this.count.textContent = words.progress.replace("{n}", this.at + 1).replace("{m}", this.last + 1);
    this.back.hidden = this.at === 0;
    this.next.hidden = this.at === this.last || Boolean(this.step.querySelector(".tile-button"));
    this.send.hidden = this.at < this.last;
    this.buttons.hidden = this.back.hidden && this.next.hidden && this.send.hidden;
    this.ends.forEach((end) => { end.hidden = this.at !== this.last; });
    if (!focus) return;
    const legend = this.step.querySelector("legend");
    legend.tabIndex = -1;
    legend.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }
}

document.querySelectorAll("form[data-steps]:not(.is-stepped)").forEach((form) => {
  if (form.querySelector("[data-step]")) new Steps(form);
});
