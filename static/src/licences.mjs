// What others have written and a browser gets from us, under whose names and terms: one text beside the bundles.
// The bundles themselves carry no notices, for a phone would load them on every visit.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const TERMS = /^(licen[cs]e|notice|copying)([-_.].*)?$/i;
const RULE = `\n${"=".repeat(78)}\n\n`;

// The package that a bundled file belongs to: "node_modules/@scope/name/…" or "node_modules/name/…".
export const packageOf = (path) => path.split("\\").join("/").match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1];

// Throws for a package without a licence of its own: then somebody has to look where its terms stand.
async function told(name, modules) {
  const folder = join(modules, name);
  const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const names = (await readdir(folder, { withFileTypes: true })).filter((one) => one.isFile() && TERMS.test(one.name));
  const inside = await readdir(join(folder, "licenses")).catch(() => []);
  const files = [...names.map((one) => one.name).sort(), ...inside.sort().map((one) => join("licenses", one))];
  if (!files.length) throw new Error(`${name} ${version} comes without a licence: it may not be bundled like this`);
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  return `${name} ${version} (${license})\n\n${texts.map((text) => text.trim()).join("\n\n")}\n`;
}

export async function licences(names, modules) {
  const texts = await Promise.all([...new Set(names)].sort().map((name) => told(name, modules)));
  return texts.join(RULE);
}
