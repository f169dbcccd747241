// @ts-check
// workerd by way of miniflare. Everything that it prints is collected, and it can be killed as by a crash of the machine.

import { execFileSync } from "node:child_process";
import { Log, LogLevel, Miniflare } from "miniflare";
import { collect } from "./secrets.mjs";
import { until } from "./wait.mjs";

class CollectedLog extends Log {
  /** @override @param {string} message */
  log(message) {
    collect(message);
  }
}

/** Processes of a `startWorkerd` that is done. @type {Set<number>} */
const known = new Set();

/**
 * Where a test kills, it starts one workerd at a time: miniflare does not say which process is its own.
 * @param {import("miniflare").MiniflareOptions} options
 */
export async function startWorkerd(options) {
  const miniflare = new Miniflare({
    ...options,
    cf: false,
    log: new CollectedLog(LogLevel.DEBUG),
    handleRuntimeStdio(/** @type {import("node:stream").Readable[]} */ ...streams) {
      for (const stream of streams) stream.on("data", (data) => collect(String(data)));
    },
  });
  const url = await miniflare.ready;
  const started = workerdProcesses(process.pid).filter((pid) => !known.has(pid));
  for (const pid of started) known.add(pid);
  return {
    miniflare,
    url,
    pid: started[0] ?? 0,
    /** SIGKILL: nothing gets to finish. */
    async kill() {
      for (const pid of started) process.kill(pid, "SIGKILL");
      await untilEnded(started);
      await miniflare.dispose();
    },
    close: () => miniflare.dispose(),
  };
}

/** The processes of workerd below a process, at any depth. @param {number} parent @returns {number[]} */
export function workerdProcesses(parent) {
  const rows = execFileSync("ps", ["-Ao", "pid=,ppid=,comm="], { encoding: "utf8" }).trim().split("\n");
  const processes = rows.map((row) => {
    const [pid, ppid, ...name] = row.trim().split(/\s+/);
    return { pid: Number(pid), ppid: Number(ppid), name: name.join(" ") };
  });
  /** @param {number} of @returns {number[]} */
  const below = (of) =>
    processes
      .filter(({ ppid }) => ppid === of)
      .flatMap(({ pid, name }) => [...(/(^|\/)workerd$/.test(name) ? [pid] : []), ...below(pid)]);
  return below(parent);
}

/** @param {readonly number[]} pids */
export const untilEnded = (pids) => until(`the end of ${pids.join(", ")}`, () => !pids.some(isRunning));

/** @param {number} pid */
function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
