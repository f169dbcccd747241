// @ts-check
// A family is a tool or a runtime. Its cells are ways to use the installed package there.

import { temporaryFolder } from "../support/temporary-folder.mjs";
import { createProject } from "./project.mjs";
import { install, Missing } from "./tools.mjs";

/**
 * @typedef {object} Family
 * @property {string} name  the first part of its cells' names
 * @property {string} title  for people, without the version
 * @property {readonly string[]} [tools]  packages of npm that it needs
 * @property {(stage: Stage) => string | Promise<string>} version  the version that the tool reports
 * @property {(stage: Stage) => Promise<any>} [prepare]  makes what its cells share, such as a build
 * @property {readonly Cell[]} cells
 */

/**
 * @typedef {object} Cell
 * @property {string} [name]  the second part of its name
 * @property {string} title  for people
 * @property {boolean} [quick]  part of `npm test`
 * @property {string} [browser]  the browser that it runs in
 * @property {(stage: Stage, shared: any) => Promise<void>} run  fails by throwing
 */

/**
 * @typedef {object} Stage
 * @property {string} tarball
 * @property {import("./tools.mjs").Tools} tools
 * @property {(files: Record<string, string>, options?: { nested?: boolean, packages?: readonly string[] }) => Promise<string>} project
 *   a consumer's folder with the tarball installed; nested: below the tools; packages: folders of more to install
 * @property {() => string} folder  a temporary one
 * @property {(work: () => unknown) => void} atEnd  runs after the family's last cell
 */

/**
 * @typedef {object} Result
 * @property {string} cell
 * @property {string} family  its title
 * @property {string} version  empty where the family has none, or it is not known
 * @property {string} what  the cell's title
 * @property {string} [browser]
 * @property {string} [browserVersion]
 * @property {"passed" | "failed" | "skipped"} result
 * @property {number} ms
 * @property {string} [reason]  why it was skipped, or how it failed
 */

/** @param {Family} family @param {Cell} cell */
export const nameOf = (family, cell) => [family.name, cell.name].filter(Boolean).join("/");

/**
 * Makes a value that several cells share, when the first of them needs it.
 * @template T @param {(stage: Stage, shared: any) => T} make @returns {(stage: Stage, shared?: any) => T}
 */
export function once(make) {
  /** @type {WeakMap<Stage, T>} */
  const made = new WeakMap();
  return (stage, shared) => {
    if (!made.has(stage)) made.set(stage, make(stage, shared));
    return /** @type {T} */ (made.get(stage));
  };
}

/**
 * Runs cells of one family, one after another, and cleans up.
 * @param {Family} family @param {readonly Cell[]} cells @param {string} tarball
 * @param {(result: Result, error?: unknown) => void} onResult called after each cell
 */
export async function runFamily(family, cells, tarball, onResult) {
  let startedAt = Date.now();
  let version = "";
  /** @type {(() => unknown)[]} */
  const ends = [];
  const kept = (/** @type {import("./project.mjs").Folder} */ { folder, remove }) => (ends.unshift(remove), folder);
  const report = (/** @type {Cell} */ cell, /** @type {unknown} */ error) => {
    const result = error === undefined ? "passed" : error instanceof Missing ? "skipped" : "failed";
    const { title: what, browser } = cell;
    /** @type {Result} */
    const about = {
      cell: nameOf(family, cell),
      family: family.title,
      version,
      what,
      ...(browser ? { browser } : {}),
      result,
      ms: Date.now() - startedAt,
    };
    onResult(error === undefined ? about : { ...about, reason: reasonOf(error) }, error);
  };
  try {
    /** @type {Stage} */
    const stage = {
      tarball,
      tools: await install(family.tools ?? []),
      project: async (files, { nested = false, packages = [] } = {}) =>
        kept(await createProject(tarball, files, { packages, ...(nested ? { below: stage.tools.folder } : {}) })),
      folder: () => kept(temporaryFolder()),
      atEnd: (work) => ends.unshift(work),
    };
    version = await family.version(stage);
    const shared = await family.prepare?.(stage);
    for (const cell of cells) {
      try {
        await inTime(cell.run(stage, shared));
        report(cell, undefined);
      } catch (error) {
        report(cell, error);
      }
      startedAt = Date.now();
    }
  } catch (error) {
    for (const cell of cells) report(cell, error);
  } finally {
    for (const end of ends) await end();
  }
}

/** More than any cell takes. The timer also keeps the process alive while a cell waits for a promise. */
const cellMs = 1_000_000;

/** @param {Promise<void>} work */
async function inTime(work) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It did not end within ${cellMs / 1000} s.`)), cellMs);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** @param {unknown} error @returns the first line of its message; if that announces a program's output, the line with the error */
function reasonOf(error) {
  const [first = "", ...more] = (error instanceof Error ? error.message : String(error)).split("\n");
  if (!first.endsWith(":")) return first;
  const telling = more.find((line) => /^\s*\w*error\b.*:/i.test(line)) ?? more.find((line) => line.trim() !== "");
  return telling ? `${telling.trim()} (${first.slice(0, -1)})` : first;
}
