// Builds static/build: style sheets, scripts, the icons, and licences.txt with the terms of all that others have written
// of it. Django gives them their hashed names at collectstatic.
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import * as sass from "sass";
import { licences, packageOf } from "./licences.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const out = join(root, "static", "build");
const modules = join(root, "node_modules");
const FONT = "@expo-google-fonts/noto-sans-sc"; // for PDFs
const browsers = ["chrome87", "safari14", "firefox88"]; // the oldest engines inside WeChat still met on elderly phones

async function styles(name) {
  const { css, loadedUrls } = await sass.compileAsync(join(here, "scss", `${name}.scss`), {
    loadPaths: [modules],
    quietDeps: true,
    // Bootstrap 5.3 is written for Sass's older module system; these stay quiet until it is not.
    silenceDeprecations: ["import", "global-builtin"],
  });
  const { code } = await esbuild.transform(css, { loader: "css", minify: true, target: browsers, legalComments: "none" });
  await writeFile(join(out, `${name}.css`), code);
  return loadedUrls.map(fileURLToPath);
}

async function scripts() {
  const { metafile } = await esbuild.build({
    entryPoints: ["app.js", "charts.js", "desk.js", "facade.js", "forms.js", "kept.js", "report.js", "waiting.js", "wall.js", "words.js"].map((name) => join(here, "js", name)), // app.js and kept.js are on every page
    outdir: out,
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2020",
    legalComments: "none",
    nodePaths: [modules],
    logLevel: "warning",
    metafile: true,
  });
  return Object.keys(metafile.inputs);
}

async function sprite() {
  const names = JSON.parse(await readFile(join(here, "icons.json"), "utf8"));
  const symbols = await Promise.all(names.map(async (name) => {
    const svg = await readFile(join(modules, "bootstrap-icons", "icons", `${name}.svg`), "utf8");
    const [, box] = svg.match(/viewBox="([^"]+)"/);
    const drawing = svg.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").replace(/\s*\n\s*/g, "");
    return `<symbol id="${name}" viewBox="${box}">${drawing}</symbol>`;
  }));
  const mark = await readFile(join(here, "mark.svg"), "utf8");
  const own = mark.replace(/<svg[^>]*>/, '<symbol id="mark" viewBox="0 0 32 32">').replace("</svg>", "</symbol>").replace(/\s*\n\s*/g, "");
  await writeFile(join(out, "sprite.svg"), `<svg xmlns="http://www.w3.org/2000/svg" fill="currentColor">${own}${symbols.join("")}</svg>\n`);
}

async function sizes() {
  const groups = { "every page": ["app.css", "app.js", "sprite.svg"], "boards as well": ["boards.css", "charts.js", "wall.js"] };
  for (const [where, names] of Object.entries(groups)) {
    let total = 0;
    for (const name of names) {
      const bytes = await readFile(join(out, name));
      const packed = gzipSync(bytes, { level: 6 }).length;
      total += packed;
      console.log(`${name.padEnd(14)} ${String(bytes.length).padStart(7)} B  ${String(packed).padStart(6)} B gzip`);
    }
    console.log(`${where.padEnd(14)} ${" ".repeat(9)}  ${String(total).padStart(6)} B gzip`);
  }
}

// For PDFs, outside of what is published
async function fonts() {
  const from = join(modules, FONT);
  const to = join(root, "static", "fonts");
  await mkdir(to, { recursive: true });
  await Promise.all(["400Regular", "700Bold"].map((weight) =>
    copyFile(join(from, weight, `NotoSansSC_${weight}.ttf`), join(to, `NotoSansSC_${weight}.ttf`))));
}

async function build() {
  await mkdir(out, { recursive: true });
  const [files] = await Promise.all([
    Promise.all([...["app", "boards", "imports", "map"].map(styles), scripts()]), // what a phone does not need has sheets of its own
    fonts(),
    sprite(),
    ...["favicon.svg", "touch-icon.png"].map((name) => copyFile(join(here, name), join(out, name))),
  ]);
  const bundled = files.flat().map(packageOf).filter(Boolean);
  await writeFile(join(out, "licences.txt"), await licences([...bundled, "bootstrap-icons", FONT], modules));
}

if (!process.argv.includes("--sizes")) await build();
await sizes();
if (process.argv.includes("--watch")) {
  const { watch } = await import("node:fs");
  let timer;
  watch(here, { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(() => build().then(sizes).catch((error) => console.error(String(error))), 120);
  });
}
