// @ts-check
// How the scripts speak: one line per step with its duration, aligned columns, colour only where it is welcome.

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

/** @param {string} [text] */
export function print(text = "") {
  stream.write(`${text}\n`);
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
 * @property {(text: string) => void} doing   what takes its time now: always said
 * @property {(line: string) => void} status  the newest line of a program's output: shown on a terminal, not kept
 * @property {(text: string) => void} note    a few words kept on the finished line
 */

const nameWidth = 48;

/**
 * Runs one step and reports it: a tick, its name, how long it took and what there is to say. A step that takes longer
 * than a moment is announced, so that nobody looks at a still screen.
 * @template T
 * @param {string} title
 * @param {(task: Task) => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const begun = Date.now();
  let note = "";
  let announced = false;
  const announce = (/** @type {string} */ text) => {
    if (colourful)
      stream.write(`\r\u001b[2K  ${cyan("…")} ${title.padEnd(nameWidth)}  ${dim(text.slice(0, liveWidth()))}`);
    else if (!announced) print(`  … ${title}${text ? `: ${text}` : ""}`);
    announced = true;
  };
  const timer = setTimeout(() => announced || announce(""), 1500);
  const finish = (/** @type {string} */ mark) => {
    clearTimeout(timer);
    if (colourful) stream.write("\r\u001b[2K");
    const took = dim(duration(Date.now() - begun).padStart(10));
    print(`  ${mark} ${title.padEnd(nameWidth)}  ${took}${note ? `  ${dim(note)}` : ""}`);
  };
  try {
    const result = await work({
      doing: (text) => announce(text),
      status: (line) => announced && colourful && announce(line),
      note: (text) => (note = text),
    });
    finish(green("✓"));
    return result;
  } catch (error) {
    finish(red("✗"));
    throw error;
  }
}

/** What fits on the line after the name: a live line that wraps could not be wiped out again. */
function liveWidth() {
  return Math.max(0, (stream.columns || 80) - nameWidth - 8);
}
