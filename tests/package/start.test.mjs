// @ts-check
// `npm start`, as a user runs it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { describe, test } from "node:test";
import { root } from "../../scripts/lib/paths.mjs";
import { attempt, npm } from "../../scripts/lib/process.mjs";
import { freePort } from "../support/free-port.mjs";
import { close, listen } from "../support/listen.mjs";
import { sleep } from "../support/wait.mjs";
import { untilEnded, workerdProcesses } from "../support/workerd.mjs";

/** @param {readonly string[]} args @param {Record<string, string | undefined>} [env] */
const start = (args, env = {}) =>
  attempt(process.execPath, ["scripts/start.mjs", ...args], { env: { NO_COLOR: "1", ...env } });

describe("npm start", { timeout: 120_000 }, () => {
  test("--once sends a command, prints both requests, the receipt and the new state, and ends", async () => {
    const port = await freePort();
    const { code, output } = await start(["--once", "--port", String(port)]);
    assert.equal(code, 0, output);
    const [, toGateway = "", toCampaign = ""] = /Page to gateway(.+)Gateway to Campaign(.+)Receipt/s.exec(output) ?? [];
    for (const [request, path] of /** @type {const} */ ([
      [toGateway, "api"],
      [toCampaign, "campaign"],
    ])) {
      assert.match(
        request,
        new RegExp(
          `POST http://127\\.0\\.0\\.1:${port}/${path}/acme-mkt-stage/campaign/workflow/execution/WKF\\d+/commands`,
        ),
      );
      assert.match(request, /^ +Content-Type +application\/json$/m);
      assert.match(request, /^ +Cache-Control +no-cache$/m);
      assert.match(request, /^ +\{"method":"start"\}$/m);
      assert.match(request, /^ +→ 2\d\d$/m);
    }
    assert.match(toCampaign, /^ +Authorization +Bearer •+$/m);
    assert.match(toCampaign, /^ +X-Api-Key +•+$/m);
    assert.doesNotMatch(toGateway, /Authorization|X-Api-Key/);
    assert.match(output, /^ +status +2\d\d$/m);
    assert.match(output, /^ +attempts +1$/m);
    assert.match(output, /WKF\d+.*: \w+ → Started$/m);
    assert.ok(output.includes(`http://127.0.0.1:${port}/`));
    assert.doesNotMatch(output, /local-token|local-key/, "no credential is shown");
  });

  test("a port in use is skipped for the next one", async () => {
    const busy = createServer();
    const port = Number(new URL(await listen(busy)).port);
    try {
      const { code, output } = await start(["--once", "--port", String(port)]);
      assert.equal(code, 0, output);
      const used = Number(output.match(/POST http:\/\/127\.0\.0\.1:(\d+)\//)?.[1]);
      assert.ok(used > port && used < port + 20, `${used} instead of ${port}`);
    } finally {
      await close(busy);
    }
  });

  test("serves the page, and ends on Ctrl-C", async () => {
    const port = await freePort();
    const child = spawn(process.execPath, ["scripts/start.mjs", "--port", String(port)], {
      cwd: root,
      env: { ...process.env, NO_COLOR: "1" },
    });
    const ended = once(child, "exit");
    try {
      const output = await outputUpTo(child.stdout, "Ctrl-C");
      const url = output.match(/Page +(http:\S+)/)?.[1] ?? "";
      const page = await fetch(url);
      assert.equal(page.status, 200);
      assert.match(page.headers.get("content-type") ?? "", /^text\/html/);
      assert.match(page.headers.get("content-security-policy") ?? "", /script-src 'self' 'wasm-unsafe-eval';/);
      assert.deepEqual(Object.keys(await (await fetch(new URL("config.json", url))).json()), [
        "organization",
        "baseUrl",
      ]);
      assert.match((await fetch(new URL("pkg/index.js", url))).headers.get("content-type") ?? "", /^text\/javascript/);
      for (const outside of ["package.json", "pkg/..%2fpackage.json", "%2e%2e/package.json", "..%2f..%2fetc/passwd"]) {
        assert.equal((await fetch(`${url}${outside}`)).status, 404, outside);
      }
      const workers = workerdProcesses(child.pid ?? 0);
      assert.equal(workers.length, 1, "workerd runs");
      child.kill("SIGINT");
      assert.deepEqual(await ended, [0, null]);
      await assert.rejects(fetch(url));
      await untilEnded(workers);
    } finally {
      child.kill("SIGKILL");
    }
  });

  test("ends when the npm process that started it ends", async () => {
    const [command, args] = npm("start", "--", "--port", String(await freePort()));
    const child = spawn(command, args, { cwd: root, env: { ...process.env, NO_COLOR: "1" } });
    try {
      const url = (await outputUpTo(child.stdout, "Ctrl-C")).match(/Page +(http:\S+)/)?.[1] ?? "";
      assert.equal((await fetch(url)).status, 200);
      const workers = workerdProcesses(child.pid ?? 0);
      assert.equal(workers.length, 1, "workerd runs");
      child.kill("SIGTERM");
      await assert.rejects(async () => {
        for (;;) await fetch(url).then(() => sleep(50));
      });
      await untilEnded(workers);
    } finally {
      child.kill("SIGKILL");
    }
  });

  test("an invalid argument ends it with one line of explanation", async () => {
    for (const args of [["--port", "70000"], ["--port", "x"], ["--twice"]]) {
      const { code, output } = await start(args);
      assert.equal(code, 1);
      assert.match(output.trim(), /^.*Usage: npm start.*$/);
    }
  });

  test("without rustup it ends and names the remedy", async () => {
    const nowhere = tmpdir();
    const { code, output } = await start(["--once"], { PATH: nowhere, CARGO_HOME: nowhere });
    assert.equal(code, 1);
    assert.match(output, /rustup is missing\. Install it from https:\/\/rustup\.rs/);
  });
});

/** @param {import("node:stream").Readable} stream @param {string} word @returns {Promise<string>} */
function outputUpTo(stream, word) {
  return new Promise((resolve, reject) => {
    let output = "";
    stream.on("data", (chunk) => (output += chunk).includes(word) && resolve(output));
    stream.on("end", () => reject(new Error(`It ended before it printed "${word}":\n${output}`)));
  });
}
