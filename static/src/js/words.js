// Words typed suggest a category, each with its reason; a prepared answer goes into the text it was written for.
const MIN = 2; // characters
const PAUSE = 500; // milliseconds without typing

const options = (form, name) => [...form.querySelectorAll(`[name="${name}"]`)];

// Take a suggested category, as a hand would: on the phone through its group, and on to the next question
function choose(form, key) {
  const [field] = options(form, "category");
  if (field.matches("select")) {
    field.value = key;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    return;
  }
  const radio = options(form, "category").find((one) => one.value === key);
  if (!radio) return;
  const group = radio.closest("[data-group]");
  const groups = [...form.querySelectorAll("[data-group]")];
  form.querySelectorAll(".tile-button")[groups.indexOf(group)]?.click();
  radio.checked = true;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
  radio.dispatchEvent(new CustomEvent("step:next", { bubbles: true }));
}

document.querySelectorAll("[data-suggest]").forEach((box) => {
  const form = box.closest("form");
  const [text] = options(form, box.dataset.words);
  const shown = box.querySelector("[data-suggestions]");
  const question = box.closest("[data-step]")?.previousElementSibling;
  if (box.contains(text) && question?.querySelector(".tile-button")) question.querySelector("legend").after(box);

  let asked = "", timer;
  async function ask() {
    clearTimeout(timer);
    const words = text.value.trim();
    if (words === asked) return;
    asked = words;
    if (words.length < MIN) {
      shown.replaceChildren();
      return;
    }
    const place = options(form, "place")[0]?.value || "";
    const token = options(form, "csrfmiddlewaretoken")[0].value;
    try {
      const answer = await fetch(box.dataset.suggest, {
        method: "POST",
        body: new URLSearchParams({ words, place }),
        headers: { "X-CSRFToken": token },
        redirect: "error",
      });
      if (!answer.ok || asked !== words) return;
      shown.innerHTML = await answer.text();
      tame();
    } catch { /* without a line there is nothing to suggest: the tiles are there */ }
  }

  // Enter in another field sends the form by its first such button: that must be none of these
  const tame = () => shown.querySelectorAll("button").forEach((button) => { button.type = "button"; });
  tame();
  box.querySelector("[data-suggest-button]").remove();
  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  text.addEventListener("change", ask);
  if (text.matches("input")) text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    ask();
  });
  box.addEventListener("click", (event) => {
    const button = event.target.closest("[data-suggestions] button");
    if (!button) return;
    event.preventDefault();
    box.querySelectorAll("[data-suggestions] button").forEach((one) => one.setAttribute("aria-pressed", String(one === button)));
    const [description] = options(form, "description");
    if (description && description !== text && !description.value) description.value = text.value;
    choose(form, button.value);
  });
});

document.querySelectorAll("select[data-answers]").forEach((select) => {
  const [text] = options(select.form, select.dataset.answers);
  let inserted = "";
  select.addEventListener("change", () => {
    const answer = select.selectedOptions[0].dataset.text || "";
    if (!answer) return;
    const own = text.value.trim();
    text.value = own && own !== inserted ? `${own}\n${answer}` : answer;
    inserted = answer;
    text.focus();
  });
});
