// What is drawn stands in the page as a table: its heads name the lines, its rows the labels, its cells the values.
const words = (cell) => cell.textContent.replace(/\s+/g, " ").trim();

export function tableOf(section) {
  const [, ...heads] = section.querySelectorAll("thead th");
  const rows = [...section.querySelectorAll("tbody tr")];
  return {
    kind: section.dataset.chart,
    unit: section.dataset.unit,
    labels: rows.map((row) => words(row.cells[0])),
    links: rows.map((row) => row.cells[0].querySelector("a")?.href || ""),
    lines: heads.map((head, at) => {
      const cells = rows.map((row) => row.cells[at + 1]);
      return {
        name: words(head),
        isBefore: head.hasAttribute("data-before"),
        values: cells.map((cell) => cell.querySelector("data")).map((data) => (data ? Number(data.value) : null)),
        texts: cells.map(words),
      };
    }),
  };
}

// One label with all that stands in its row, for eyes and for ears
export const spoken = ({ labels, lines }, at) =>
  [labels[at], ...lines.map(({ name, texts }) => `${name} ${texts[at]}`)].join(lines.length > 1 ? "；" : "：");
