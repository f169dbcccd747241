// @ts-check
// The results of the matrix: stored in RESULTS.json, and shown in the README between two marks.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dist, root } from "../../scripts/lib/paths.mjs";
import { measureWays } from "../../scripts/lib/size.mjs";
import { browsers, versionOf } from "./browsers.mjs";
import { hasGateway } from "./project.mjs";

/** @typedef {import("./family.mjs").Result} Result */
/** @typedef {import("../../scripts/lib/size.mjs").Way} Way */
/**
 * `day` and `release`: when, and with which version of the package.
 * @typedef {Result & { day: string, release: string }} KeptResult
 */
/** @typedef {{ sizes: Way[], results: KeptResult[] }} Kept */

export const file = new URL("./RESULTS.json", import.meta.url);
export const readme = join(root, "README.md");
const [begin, end] = ["<!-- runtimes:begin -->", "<!-- runtimes:end -->"];

/** @returns {Kept} */
export const readKept = () => JSON.parse(readFileSync(file, "utf8"));

/**
 * Stores results in place of older ones of the same cells. The results of other cells stay, with their day and version.
 * @param {readonly Result[]} results of some cells, or of all
 * @param {readonly string[]} cells  the names of all, in their order
 */
export async function keepResults(results, cells) {
  const { version: release } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const day = new Date().toISOString().slice(0, 10);
  const found = await Promise.all(
    results.map(async (result) => ({ ...publicPart(result), ...(await browserOf(result)), day, release })),
  );
  /** @type {KeptResult[]} */
  const all = [...found, ...readKept().results];
  /** @type {Kept} */
  const kept = {
    sizes: await measureWays(dist),
    results: cells.flatMap((name) => all.find(({ cell }) => cell === name) ?? []),
  };
  const { sizes } = kept;
  writeFileSync(file, `{\n"sizes": ${lines(sizes)},\n"results": ${lines(kept.results)}\n}\n`);
  writeFileSync(readme, withBlock(readFileSync(readme, "utf8"), blockOf(kept)));
}

/** One per line, for short diffs. @param {readonly unknown[]} all */
const lines = (all) => `[\n${all.map((one) => JSON.stringify(one)).join(",\n")}\n]`;

/** Without the reason of a failure, which may name folders of the machine. @param {Result} result @returns {Result} */
function publicPart({ reason, ...rest }) {
  return rest.result === "skipped" && reason ? { ...rest, reason } : rest;
}

/** @param {Result} result */
async function browserOf({ browser: title }) {
  const browser = browsers.find((each) => each.title === title);
  return browser ? { browserVersion: await versionOf(browser) } : {};
}

/** @param {string} text the README @returns {string} the text between the marks */
export function blockIn(text) {
  return text.slice(text.indexOf(begin) + begin.length, text.indexOf(end));
}

/** @param {string} text the README @param {string} block */
function withBlock(text, block) {
  if (!text.includes(begin) || !text.includes(end)) throw new Error(`README.md has no ${begin} … ${end}.`);
  return text.replace(begin + blockIn(text) + end, () => begin + block + end);
}

/** @param {Kept} kept @returns {string} Markdown */
export function blockOf({ sizes, results }) {
  const pages = results.filter(({ browser }) => browser);
  const others = results.filter(({ browser }) => !browser);
  const seen = browsers.filter(({ title }) => pages.some(({ browser }) => browser === title)).map(({ title }) => title);
  const heads = seen.map((title) =>
    `${title} ${all(
      pages.filter(({ browser }) => browser === title),
      "browserVersion",
    )}`.trim(),
  );
  return `
## Where it works

\`npm run test:all\` installs the packed package into a separate project for each runtime and bundler. In each, it checks that importing
has no side effects, that a failed start of the module is retried, that all four commands reach a local Campaign (checked in
Campaign's own log), and that ${hasGateway ? "the gateway and the emulator work" : "the emulator works"}. Cells with \`/client\` use a \`WorkflowClient\`: commands, reading, waiting, a confirmation, a signal, many commands
at once, and closing. TypeScript has to accept correct code and reject incorrect code. Results for version ${all(results, "release", " and ")} on
${all(results, "day", " and ")}:

| | Versions | How | |
| --- | --- | --- | --- |
${rowsOf(others, [() => true])}

| Pages made by | Versions | How | ${heads.join(" | ")} |
| --- | --- | --- |${" --- |".repeat(seen.length)}
${rowsOf(
  pages,
  seen.map(
    (title) =>
      ({ browser }) =>
        browser === title,
  ),
)}

Every page has the policy \`script-src 'self' 'wasm-unsafe-eval'\`; Next.js also needs \`'unsafe-inline'\` for its own scripts.

| kB after brotli | script | \`core.wasm\` | together |
| --- | --- | --- | --- |
${sizes.map(({ way, script, wasm }) => `| ${ways[way] ?? way} | ${kB(script)} | ${wasm ? kB(wasm) : "inlined"} | ${kB(script + wasm)} |`).join("\n")}

`;
}

/** @type {Record<string, string>} */
const ways = {
  inlined: "`campaign-workflow` in browsers, Node, Deno, Bun",
  imported: "`campaign-workflow` in Cloudflare Workers and edge runtimes",
  slim: "`campaign-workflow/slim` with `campaign-workflow/core.wasm`",
};

/** All values of a field. @param {readonly KeptResult[]} results @param {keyof KeptResult} field @param {string} [between] */
const all = (results, field, between = ", ") =>
  [...new Set(results.map((result) => result[field]))].sort().join(between);

const kB = (/** @type {number} */ bytes) => (bytes / 1000).toFixed(1);

/**
 * One row for each family with all its versions and ways; a different result has its own row.
 * @param {readonly Result[]} results
 * @param {readonly ((result: Result) => boolean)[]} columns the results of each column
 */
function rowsOf(results, columns) {
  /** @type {Map<string, { family: string, texts: string, versions: Set<string>, ways: Set<string> }>} */
  const rows = new Map();
  for (const { family, what } of results) {
    const those = results.filter((result) => result.family === family && result.what === what);
    const texts = columns.map((which) => cellText(those.filter(which))).join(" | ");
    const row = rows.get(family + texts) ?? { family, texts, versions: new Set(), ways: new Set() };
    for (const { version } of those) if (version) row.versions.add(version);
    rows.set(family + texts, { ...row, ways: row.ways.add(what) });
  }
  return [...rows.values()]
    .map(
      ({ family, texts, versions, ways }) =>
        `| ${family} | ${[...versions].join(", ") || "–"} | ${[...ways].join(", ")} | ${texts} |`,
    )
    .join("\n");
}

/** @param {readonly Result[]} results */
function cellText(results) {
  const other = results.find(({ result }) => result === "failed") ?? results.find(({ result }) => result === "skipped");
  if (!other) return results.length > 0 ? "✓" : "";
  return [other.result === "failed" ? "✗" : "skipped", results.length > 1 ? other.version : "", other.reason ?? ""]
    .filter(Boolean)
    .join(" ");
}
