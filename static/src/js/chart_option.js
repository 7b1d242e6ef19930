// How a table is drawn: lines that differ by dash and mark, bars that differ by pattern, never by colour alone.
const MARKS = ["circle", "rect", "triangle", "diamond"];
const SIGNS = ["●", "■", "▲", "◆"];
const DASHES = [[], [.6, .3], [.15, .25], [.8, .25, .15, .25]]; // in letters
const THIN = "rgba(255, 255, 255, .6)";
const PATTERNS = [
  { symbol: "none" },
  { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: -Math.PI / 4, color: THIN },
  { symbol: "circle", symbolSize: .8, dashArrayX: [[8, 8], [0, 8, 8, 0]], dashArrayY: [6, 0], color: THIN },
  { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: Math.PI / 4, color: THIN },
];
const FEW = 40; // points up to which each shows its mark

// The looks come from the style sheet, so that larger type and the wall are larger here as well
export function looksOf(place) {
  const style = getComputedStyle(place);
  const token = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    family: style.fontFamily,
    size: parseFloat(style.fontSize),
    ink: token("ink"),
    soft: token("soft"),
    hair: token("line"),
    before: token("chart-before"),
    colours: [1, 2, 3, 4].map((at) => token(`chart-${at}`)),
    isStill: matchMedia("(prefers-reduced-motion: reduce)").matches,
  };
}

const turn = (list, at) => list[at % list.length];
const dashed = (dash, { size }) => (dash.length ? dash.map((length) => length * size) : "solid");
const plain = (text) => text.replace(/[{|}]/g, (sign) => ({ "{": "｛", "|": "｜", "}": "｝" })[sign]); // rich text's own signs

function lineOf(line, at, table, looks) {
  const colour = line.isBefore ? looks.before : turn(looks.colours, at);
  const linked = table.links.some(Boolean);
  const shared = { name: line.name, data: line.values, cursor: linked ? "pointer" : "default", itemStyle: { color: colour } };
  if (table.kind === "line") {
    return {
      ...shared,
      type: "line",
      symbol: turn(MARKS, at),
      symbolSize: looks.size * .5,
      showSymbol: line.values.length <= FEW,
      lineStyle: { color: colour, width: looks.size / (line.isBefore ? 9 : 6), type: dashed(line.isBefore ? [.25, .25] : turn(DASHES, at), looks) },
      emphasis: { disabled: true },
    };
  }
  const lies = table.kind === "across";
  return {
    ...shared,
    type: "bar",
    barMaxWidth: looks.size * 1.6,
    barGap: "15%",
    itemStyle: { color: colour, borderRadius: lies ? [0, 3, 3, 0] : [3, 3, 0, 0] },
    label: {
      show: lies || table.labels.length * table.lines.length <= 16,
      position: lies ? "right" : "top",
      color: looks.ink,
      formatter: ({ dataIndex }) => plain(said(line.texts[dataIndex])),
    },
    emphasis: { disabled: true },
  };
}

const said = (text) => text.split(" ")[0];
// How many letters wide the longest number beside a bar is, with some air
const longest = ({ lines }) => 1 + .65 * Math.max(1, ...lines.flatMap(({ texts }) => texts.map((text) => said(text).length)));

// Names of things all stand there, in as many lines as they need; of days and months as many as there is room for
function namesOf({ kind, labels }, looks, width) {
  if (kind === "across") return { interval: 0, width: Math.min(width * .38, looks.size * 14), overflow: "break" };
  const room = (width - looks.size * 4) / labels.length - 6;
  return kind === "bar" && room > looks.size * 2 ? { interval: 0, width: room, overflow: "break" } : {};
}

function axesOf(table, looks, width) {
  const lies = table.kind === "across";
  const words = { color: looks.soft, fontSize: looks.size, fontFamily: looks.family };
  const names = {
    type: "category",
    data: table.labels,
    inverse: lies,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: looks.soft } },
    axisLabel: { ...words, hideOverlap: true, margin: looks.size * .7, ...namesOf(table, looks, width) },
  };
  const isRate = table.unit === "%";
  if (lies) return { xAxis: { type: "value", show: false, min: 0, max: isRate ? 100 : "dataMax" }, yAxis: names }; // each bar says its number
  const values = {
    type: "value",
    min: 0,
    max: isRate ? 100 : undefined,
    ...(isRate ? { interval: 25 } : { minInterval: 1, splitNumber: 4 }),
    splitLine: { lineStyle: { color: looks.hair } },
    axisLabel: { ...words, hideOverlap: true, formatter: isRate ? "{value}%" : undefined },
  };
  return { xAxis: names, yAxis: values };
}

export function optionOf(table, looks, width) {
  const { lines, labels } = table;
  const words = { color: looks.ink, fontSize: looks.size, fontFamily: looks.family };
  const several = lines.length > 1;
  const sign = (at) => (several && table.kind === "line" ? `${turn(SIGNS, at)} ` : "");
  return {
    animation: !looks.isStill,
    animationDuration: 400,
    textStyle: { fontFamily: looks.family, fontSize: looks.size },
    aria: { enabled: true, label: { enabled: false }, decal: { show: several && table.kind !== "line", decals: PATTERNS } },
    grid: { left: 4, right: looks.size * (table.kind === "across" ? longest(table) : 1.2), top: several ? looks.size * 2.6 : looks.size, bottom: 4, outerBoundsMode: "same", outerBounds: { left: 4, right: 4, top: 4, bottom: 4 } },
    legend: { show: several, left: 0, top: 0, selectedMode: false, itemGap: looks.size, itemWidth: looks.size * 2, itemHeight: looks.size * .8, textStyle: words, data: lines.map(({ name }) => name) },
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      confine: true,
      axisPointer: { type: table.kind === "line" ? "line" : "shadow", animation: false },
      transitionDuration: 0,
      hideDelay: 0,
      backgroundColor: "#fff",
      borderColor: looks.soft,
      borderWidth: 1,
      textStyle: words,
      formatter: ([{ dataIndex }]) => [labels[dataIndex], ...lines.map((line, at) => `${sign(at)}${line.name}  ${line.texts[dataIndex]}`)].map(plain).join("\n"),
    },
    ...axesOf(table, looks, width),
    series: lines.map((line, at) => lineOf(line, at, table, looks)),
  };
}
