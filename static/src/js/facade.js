// Arrow keys walk over a façade; Tab enters it once and leaves it again. Without this file Tab goes from cell to cell.
const STEPS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

const middle = (cell) => {
  const box = cell.getBoundingClientRect();
  return [box.left + box.width / 2, box.top + box.height / 2];
};

// The next cell that way: near in the direction, and nearer still across it
function beyond(cells, from, [right, down]) {
  const [x, y] = middle(from);
  let best = null, least = Infinity;
  for (const cell of cells) {
    const [dx, dy] = middle(cell).map((at, i) => at - [x, y][i]);
    const along = dx * right + dy * down;
    const far = along + 4 * Math.abs(dx * down + dy * right);
    if (along > 4 && far < least) [best, least] = [cell, far];
  }
  return best;
}

document.querySelectorAll(".facade").forEach((facade) => {
  const cells = [...facade.querySelectorAll("a.cell")];
  let current = cells[0];
  if (!current) return;
  const enter = (cell) => {
    current.setAttribute("tabindex", "-1");
    cell.setAttribute("tabindex", "0");
    current = cell;
  };
  cells.forEach((cell) => cell.setAttribute("tabindex", "-1"));
  enter(current);
  facade.addEventListener("focusin", (event) => enter(event.target.closest("a.cell") || current));
  facade.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const step = STEPS[event.key];
    const ends = { Home: cells[0], End: cells.at(-1) };
    const next = step ? beyond(cells, current, step) : ends[event.key];
    if (!step && !next) return;
    event.preventDefault();
    if (next) next.focus();
  });
});
document.querySelectorAll("[data-facade-keys]").forEach((hint) => { hint.hidden = false; });
