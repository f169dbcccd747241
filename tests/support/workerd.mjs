// @ts-check
// workerd, whose every word is kept, and which can be killed as a crash of the machine would.

import childProcess from "node:child_process";
import { Log, LogLevel, Miniflare } from "miniflare";

/** Everything that any runtime here answered, logged or printed, for the search for credentials. */
export const said = {
  texts: /** @type {string[]} */ ([]),
  /** @param {unknown} text */
  add(text) {
    this.texts.push(String(text));
  },
};

class KeptLog extends Log {
  /** @override @param {string} message */
  log(message) {
    said.add(message);
  }
}

/** miniflare does not name the process it starts, and a crash needs it. @type {import("node:child_process").ChildProcess[]} */
const started = [];
const spawn = childProcess.spawn;
childProcess.spawn = /** @type {typeof spawn} */ (
  (/** @type {string} */ file, /** @type {any[]} */ ...rest) => {
    const child = /** @type {any} */ (spawn)(file, ...rest);
    if (/workerd/.test(file)) started.push(child);
    return child;
  }
);

/** @param {import("miniflare").MiniflareOptions} options */
export async function startWorkerd(options) {
  const before = started.length;
  const miniflare = new Miniflare({
    ...options,
    cf: false,
    log: new KeptLog(LogLevel.DEBUG),
    handleRuntimeStdio(/** @type {import("node:stream").Readable[]} */ ...streams) {
      for (const stream of streams) stream.on("data", (data) => said.add(data));
    },
  });
  const url = await miniflare.ready;
  const workerd = started.slice(before);
  return {
    miniflare,
    url,
    /** Of workerd. */
    pid: workerd[0]?.pid ?? 0,
    /** As a crash of the machine would end it: nothing gets to finish. */
    async kill() {
      const ended = workerd.map(
        (child) =>
          new Promise((resolve) =>
            (child.exitCode ?? child.signalCode) === null ? child.once("exit", resolve) : resolve(0),
          ),
      );
      for (const child of workerd) child.kill("SIGKILL");
      await Promise.all(ended);
      await miniflare.dispose();
    },
    close: () => miniflare.dispose(),
  };
}
