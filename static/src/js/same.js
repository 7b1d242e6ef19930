// Has somebody reported this already? Asked once it is known what and where; without a line nothing is asked.
const REST = 900; // ms without a key

export function lookForTheSame(form) {
  const box = form && form.querySelector("[data-similar]");
  if (!box) return;
  const names = ["category", "place", "description"];
  let timer = 0, asked = "";

  async function ask() {
    const entered = new FormData(form);
    const body = new FormData();
    names.forEach((name) => body.append(name, entered.get(name) || ""));
    const now = names.map((name) => entered.get(name)).join("\n");
    if (!entered.get("category") || !entered.get("place") || now === asked || navigator.onLine === false) return;
    asked = now;
    try {
      const headers = { "X-CSRFToken": entered.get("csrfmiddlewaretoken"), Accept: "text/html" };
      const response = await fetch(box.dataset.similar, { method: "POST", body, headers });
      const html = await response.text();
      if (response.ok && !response.redirected && asked === now) box.innerHTML = html;
    } catch { asked = ""; }
  }

  form.addEventListener("change", ({ target }) => { if (target.name === "category" || target.name === "place") ask(); });
  form.addEventListener("submit", () => clearTimeout(timer));
  form.addEventListener("kept:restored", ask);
  form.addEventListener("input", ({ target }) => {
    if (target.name !== "description") return;
    clearTimeout(timer);
    timer = setTimeout(ask, REST);
  });
}
