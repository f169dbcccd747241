// @ts-check
// The output of the scripts: a line for each step with its duration, aligned columns, and colours on a terminal.

const stream = process.stdout;
const colourful = Boolean(stream.isTTY) && !process.env.NO_COLOR && process.env.TERM !== "dumb";

/** @param {number} open @param {number} close */
function style(open, close) {
  return (/** @type {string} */ text) => (colourful ? `\u001b[${open}m${text}\u001b[${close}m` : text);
}

export const bold = style(1, 22);
export const dim = style(2, 22);
export const red = style(31, 39);
export const green = style(32, 39);
export const yellow = style(33, 39);
export const cyan = style(36, 39);

/** The lines of the steps that run now, at the bottom of a terminal. @type {Map<object, string>} */
const liveLines = new Map();
let drawnLines = 0;

/** Prints a line above those of the steps that run. @param {string} [text] */
export function print(text = "") {
  redraw(`${text}\n`);
}

/** @param {string} above */
function redraw(above = "") {
  const erase = drawnLines > 0 ? `\u001b[${drawnLines}A\u001b[J` : "";
  stream.write(erase + above + [...liveLines.values()].map((line) => `${line}\n`).join(""));
  drawnLines = liveLines.size;
}

/** @param {number} ms @returns {string} "0.4 s", "12.3 s", "3 min 05 s" */
export function duration(ms) {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}

/**
 * Rows as aligned columns. Widths count the visible characters.
 * @param {readonly (readonly string[])[]} rows
 * @param {{ indent?: number, right?: readonly number[] }} [options] right: columns aligned to the right
 */
export function columns(rows, { indent = 2, right = [] } = {}) {
  /** @type {number[]} */
  const widths = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, visible(cell))));
  return rows
    .map((row) => {
      const cells = row.map((cell, i) => {
        const gap = " ".repeat((widths[i] ?? 0) - visible(cell));
        return right.includes(i) ? gap + cell : cell + gap;
      });
      return (" ".repeat(indent) + cells.join("  ")).trimEnd();
    })
    .join("\n");
}

/** @param {string} text */
function visible(text) {
  // eslint-disable-next-line no-control-regex
  return text.replace(/\u001b\[\d+m/g, "").length;
}

/**
 * @typedef {object} Task
 * @property {(text: string) => void} doing   what takes time now: always printed
 * @property {(line: string) => void} status  the newest line of a program's output: shown on a terminal, not kept
 * @property {(text: string) => void} note    a few words for the finished line
 */

const nameWidth = 48;

/**
 * Runs one step and prints a line about it: its result, name, duration and note. A step that takes longer than a moment is
 * announced. Several steps may run at the same time.
 * @template T
 * @param {string} title
 * @param {(task: Task) => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const startedAt = Date.now();
  const key = {};
  let note = "";
  let isAnnounced = false;
  const announce = (/** @type {string} */ text) => {
    if (colourful) {
      liveLines.set(key, `  ${cyan("…")} ${title.padEnd(nameWidth)}  ${dim(text.slice(0, widthBeside(title)))}`);
      redraw();
    } else if (!isAnnounced) print(`  … ${title}${text ? `: ${text}` : ""}`);
    isAnnounced = true;
  };
  const timer = setTimeout(() => isAnnounced || announce(""), 1500);
  const finish = (/** @type {string} */ mark) => {
    clearTimeout(timer);
    liveLines.delete(key);
    const took = dim(duration(Date.now() - startedAt).padStart(10));
    print(`  ${mark} ${title.padEnd(nameWidth)}  ${took}${note ? `  ${dim(note)}` : ""}`);
  };
  try {
    const result = await work({
      doing: (text) => announce(text),
      status: (line) => isAnnounced && colourful && announce(line),
      note: (text) => (note = text),
    });
    finish(green("✓"));
    return result;
  } catch (error) {
    finish(red("✗"));
    throw error;
  }
}

/** What fits on the line after the title: a line that wraps could not be erased. @param {string} title */
function widthBeside(title) {
  return Math.max(0, (stream.columns || 80) - Math.max(nameWidth, title.length) - 8);
}
