// Draws each board's tables as charts. Without this file, and on paper of a browser without scripts, the tables stand there.
import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendPlainComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { looksOf, optionOf } from "./chart_option.js";
import { spoken, tableOf } from "./chart_table.js";

use([AriaComponent, BarChart, CanvasRenderer, GridComponent, LegendPlainComponent, LineChart, TooltipComponent]);

const SHEET = 420; // CSS pixels: three fifths of what lies between the margins of A4
const paper = matchMedia("print");
const sharp = () => Math.max(2, devicePixelRatio); // paper is finer than most screens

class Drawing {
  constructor(section) {
    this.table = tableOf(section);
    this.details = section.querySelector("details");
    this.place = section.querySelector("[data-chart-place]");
    this.told = section.querySelector("[data-chart-told]");
    this.place.hidden = false;
    this.details.open = false;
    this.at = -1;
    if (this.table.kind === "across") {
      const size = looksOf(this.place).size;
      const legend = this.table.lines.length > 1 ? 2.6 : 1;
      this.place.style.height = `${size * (legend + .8 + this.table.labels.length * Math.max(2.6, 1.6 * this.table.lines.length + .6))}px`;
    }
    this.place.addEventListener("keydown", (event) => this.walk(event));
    // The browser's own click: the drawing's comes of no finger that rests for longer than 0.3 s, as old ones do
    this.place.addEventListener("touchstart", () => { this.touched = Date.now(); }, { passive: true });
    this.place.addEventListener("click", (event) => this.tapped(event));
    this.place.addEventListener("blur", () => this.chart?.dispatchAction({ type: "hideTip" }));
    this.watcher = new ResizeObserver(() => this.fit());
    this.watcher.observe(this.place);
  }

  // A place that is not shown has no size: it is drawn once it has one. On paper it is as high as on the screen.
  fit() {
    const { isConnected, clientWidth, clientHeight } = this.place;
    if (!isConnected) this.end();
    else if (clientWidth && clientHeight && !paper.matches) this.draw(clientWidth, this.height = clientHeight);
  }

  draw(width, height) {
    if (this.chart && this.ratio !== sharp()) this.end(false);
    const isFirst = !this.chart;
    if (isFirst) {
      this.ratio = sharp();
      this.chart = init(this.place, null, { renderer: "canvas", devicePixelRatio: this.ratio });
      const zr = this.chart.getZr();
      zr.on("mousemove", (event) => zr.setCursorStyle(this.table.links[this.under(event)] ? "pointer" : "default"));
    }
    this.chart.resize({ width, height });
    const option = optionOf(this.table, looksOf(this.place), this.chart.getWidth());
    option.animation &&= isFirst; // what is drawn anew, for paper above all, stands there at once
    this.chart.setOption(option);
  }

  end(forGood = true) {
    this.chart?.dispose();
    this.chart = null;
    if (forGood) this.watcher.disconnect();
  }

  // A point is small: whatever stands above, below or beside it leads there as well. A finger's first tap on a line
  // tells its number, the second goes on.
  tapped({ clientX, clientY, pointerType }) {
    if (!this.chart) return;
    const { left, top } = this.place.querySelector("canvas").getBoundingClientRect();
    const at = this.under({ offsetX: clientX - left, offsetY: clientY - top });
    const isFinger = pointerType ? pointerType === "touch" : Date.now() - this.touched < 1000;
    const goesOn = !isFinger || this.table.kind !== "line" || at === this.at;
    if (at >= 0) this.at = at;
    if (goesOn) this.follow(at);
  }

  under({ offsetX, offsetY }) {
    const point = [offsetX, offsetY];
    if (!this.chart.containPixel("grid", point)) return -1;
    return Math.round(this.chart.convertFromPixel({ gridIndex: 0 }, point)[this.table.kind === "across" ? 1 : 0]);
  }

  follow(at) {
    const link = this.table.links[at];
    if (link) location.assign(link);
  }

  walk(event) {
    const { key } = event;
    if (event.altKey || event.ctrlKey || event.metaKey || !this.chart) return;
    const last = this.table.labels.length - 1;
    const next = {
      ArrowRight: this.at + 1, ArrowDown: this.at + 1, ArrowLeft: this.at - 1, ArrowUp: this.at - 1, Home: 0, End: last,
    }[key];
    if (next !== undefined) this.show(Math.min(Math.max(next, 0), last));
    else if (key === "Enter" && this.at >= 0) this.follow(this.at);
    else if (key === "Escape") this.chart.dispatchAction({ type: "hideTip" });
    else return;
    event.preventDefault();
  }

  show(at) {
    this.at = at;
    const seriesIndex = Math.max(0, this.table.lines.findIndex(({ values }) => values[at] !== null));
    this.chart.dispatchAction({ type: "showTip", seriesIndex, dataIndex: at });
    this.told.textContent = spoken(this.table, at);
  }

  print() {
    this.wasOpen = this.details.open;
    this.details.open = true;
    if (!this.chart) return;
    this.draw(Math.min(SHEET, this.chart.getWidth()), this.height);
    this.chart.dispatchAction({ type: "hideTip" });
    this.chart.dispatchAction({ type: "updateAxisPointer", currTrigger: "leave" });
    this.chart.getZr().flush();
  }

  printed() {
    this.details.open = this.wasOpen;
    this.fit();
  }
}

let drawings = [];

function drawAll(root) {
  drawings = drawings.filter(({ place }) => place.isConnected);
  root.querySelectorAll("[data-chart]").forEach((section) => {
    const place = section.querySelector("[data-chart-place]");
    if (place?.hidden) drawings.push(new Drawing(section));
  });
}

drawAll(document);
document.addEventListener("htmx:load", ({ detail }) => drawAll(detail.elt)); // what a filter brings
document.addEventListener("charts:new", ({ target }) => drawAll(target)); // what the wall brings
addEventListener("beforeprint", () => drawings.forEach((one) => one.print()));
addEventListener("afterprint", () => drawings.forEach((one) => one.printed()));
