// @ts-check
// Programs with a deadline: run to their end, or kept running as a server. They end with this process, and so do their children.

import { spawn } from "node:child_process";

/** @typedef {{ cwd: string, env?: Record<string, string>, timeoutMs?: number }} Options */

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();
process.on("exit", () => running.forEach(kill));

/**
 * @param {string} command @param {readonly string[]} args @param {Options} options
 * @returns {Promise<string>} what it wrote to its standard output
 */
export async function runProgram(command, args, { timeoutMs = 120_000, ...options }) {
  const { child, ended, written } = begin(command, args, options);
  let late = false;
  const timer = setTimeout(() => ((late = true), kill(child)), timeoutMs);
  const code = await ended;
  clearTimeout(timer);
  if (late) throw failed(command, args, `did not end within ${timeoutMs / 1000} s`, written.all);
  if (code !== 0) throw failed(command, args, `ended with ${code}`, written.all);
  return written.stdout;
}

/**
 * @param {string} command @param {readonly string[]} args
 * @param {Options & { ready: (output: string) => boolean | Promise<boolean> }} options ready: polled until it returns true
 * @returns {Promise<{ output: () => string, ended: Promise<unknown>, stop: () => Promise<void> }>}
 */
export async function startProgram(command, args, { ready, timeoutMs = 120_000, ...options }) {
  const { child, ended, written } = begin(command, args, options);
  const stop = async () => (kill(child), void (await ended));
  const until = Date.now() + timeoutMs;
  let over = false;
  ended.then(() => (over = true));
  while (!(await ready(written.all))) {
    if (over) throw failed(command, args, "ended before it was ready", written.all);
    if (Date.now() > until) {
      await stop();
      throw failed(command, args, `was not ready within ${timeoutMs / 1000} s`, written.all);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { output: () => written.all, ended, stop };
}

/** For servers that are ready when they respond. @param {string} url */
export const responds = (url) => async () =>
  fetch(url, { redirect: "manual", signal: AbortSignal.timeout(30_000) }).then(
    () => true,
    () => false,
  );

/** @param {string} command @param {readonly string[]} args @param {Pick<Options, "cwd" | "env">} options */
function begin(command, args, { cwd, env }) {
  const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, ...own } = process.env;
  // In its own process group, which is ended as a whole.
  const child = spawn(command, args, {
    cwd,
    env: { ...own, NO_COLOR: "1", ...env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  const written = { all: "", stdout: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => ((written.all += text), (written.stdout += text)));
  child.stderr.setEncoding("utf8").on("data", (text) => (written.all += text));
  /** @type {Promise<number | string>} */
  const ended = new Promise((resolve) => {
    child.on("error", (error) => resolve(String(error)));
    child.on("close", (code, signal) => resolve(code ?? String(signal)));
  });
  ended.then(() => running.delete(child));
  return { child, ended, written };
}

/** @param {import("node:child_process").ChildProcess} child */
function kill(child) {
  try {
    if (child.pid) process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}

/** @param {string} command @param {readonly string[]} args @param {string} how @param {string} output */
function failed(command, args, how, output) {
  return new Error(`\`${[command, ...args].join(" ")}\` ${how}:\n${output.trimEnd().slice(-4000)}`);
}
