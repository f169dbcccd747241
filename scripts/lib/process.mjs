// @ts-check
// Runs child processes to their end. They end with this process.

import { spawn } from "node:child_process";
import { StringDecoder } from "node:string_decoder";
import { root } from "./paths.mjs";

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();
process.on("exit", () => {
  for (const child of running) child.kill("SIGTERM");
});

/** @type {() => number | Promise<number>} */
let atSignal = () => 130;
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, async () => process.exit(await atSignal()));

/**
 * Sets the work that Ctrl-C and SIGTERM do before the script ends. It returns the exit code. A second signal ends the script at once.
 * @param {() => number | Promise<number>} work
 */
export function onSignal(work) {
  atSignal = work;
}

/**
 * npm runs a script in a shell that does not forward SIGTERM. If npm has started this process, it ends when that shell ends.
 */
export function endWithNpm() {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  const watch = () => process.ppid !== parent && process.kill(process.pid, "SIGTERM");
  setInterval(watch, 500).unref();
}

/** An error for the user at the terminal, who gets the message without a stack. */
export class Failure extends Error {
  /** @param {string} message @param {string} [output] what the failed program printed */
  constructor(message, output = "") {
    super(message);
    this.name = "Failure";
    this.output = output;
  }
}

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {Record<string, string | undefined>} [env]  added to the environment; undefined removes a name
 * @property {(line: string) => void} [onLine]
 */

/**
 * Runs a program to its end.
 * @param {string} command @param {readonly string[]} args @param {RunOptions} [options]
 * @returns {Promise<{ code: number, output: string, stdout: string }>} output: both streams in order; code 127: no such program
 */
export function attempt(command, args, { cwd = root, env = {}, onLine } = {}) {
  return new Promise((resolve, reject) => {
    const merged = { ...process.env, ...env };
    for (const name of Object.keys(merged)) if (merged[name] === undefined) delete merged[name];
    const child = spawn(command, args, { cwd, env: merged, stdio: ["ignore", "pipe", "pipe"] });
    running.add(child);
    let [output, stdout, last] = ["", "", ""];
    for (const stream of [child.stdout, child.stderr]) {
      const decoder = new StringDecoder("utf8");
      stream.on("data", (/** @type {Buffer} */ chunk) => {
        const text = decoder.write(chunk);
        output += text;
        if (stream === child.stdout) stdout += text;
        const line = text
          .split("\n")
          .map((part) => part.trim())
          .filter(Boolean)
          .at(-1);
        if (line && line !== last) onLine?.((last = line));
      });
    }
    child.on("error", (/** @type {NodeJS.ErrnoException} */ error) => {
      running.delete(child);
      if (error.code === "ENOENT") resolve({ code: 127, output: `${command}: not found`, stdout });
      else reject(error);
    });
    child.on("close", (code, signal) => {
      running.delete(child);
      resolve({ code: code ?? 128, output: signal ? `${output}\n${command} was ended by ${signal}` : output, stdout });
    });
  });
}

/**
 * `attempt`, except that a program that fails throws a Failure with its output.
 * @param {string} command @param {readonly string[]} args @param {RunOptions & { remedy?: string }} [options]
 * @returns {Promise<string>} what it wrote to its standard output
 */
export async function run(command, args, { remedy, ...options } = {}) {
  const { code, output, stdout } = await attempt(command, args, options);
  if (code === 0) return stdout;
  const what = `\`${[command, ...args].join(" ")}\` failed (exit code ${code})`;
  throw new Failure(remedy ? `${what}. ${remedy}` : what, output);
}

/**
 * The command for npm: the npm that runs this script if there is one, started by this Node, so without a batch file on Windows.
 * @param {...string} args @returns {[string, string[]]} for `run` and `attempt`
 */
export function npm(...args) {
  const cli = process.env.npm_execpath ?? "";
  return /npm-cli\.c?js$/.test(cli) ? [process.execPath, [cli, ...args]] : ["npm", args];
}
