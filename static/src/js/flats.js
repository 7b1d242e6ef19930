// The flat is pointed at on the façade, or typed.
export function chooseFlat(form) {
  const part = form && form.querySelector("[data-flats]");
  if (!part) return;
  const field = part.querySelector("input");
  const box = part.querySelector("[data-flats-facade]");
  const place = form.elements.namedItem("place");
  let shown = "";

  async function draw() {
    if (!part.open || shown === place.value) return;
    shown = place.value;
    box.replaceChildren();
    try {
      const response = await fetch(`${part.dataset.flats}?place=${encodeURIComponent(shown)}`);
      if (response.ok && !response.redirected) box.innerHTML = await response.text();
      point();
    } catch { shown = ""; }
  }

  function point() {
    box.querySelectorAll("a.cell").forEach((cell) => {
      const isChosen = cell.querySelector("title").textContent === field.value;
      cell.setAttribute("role", "button");
      cell.setAttribute("aria-pressed", isChosen);
      cell.classList.toggle("cell-here", isChosen);
    });
  }

  part.addEventListener("toggle", draw);
  place.addEventListener("change", () => { field.value = ""; draw(); });
  field.addEventListener("input", point);
  box.addEventListener("click", (event) => {
    const cell = event.target.closest("a.cell");
    if (!cell) return;
    event.preventDefault();
    const address = cell.querySelector("title").textContent;
    field.value = field.value === address ? "" : address;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
