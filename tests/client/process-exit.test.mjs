// @ts-check
// A process can end right after a call, whatever its result: no timer, listener or open body keeps it alive.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, test } from "node:test";
import { requestTo, warmServer } from "./checked-calls.mjs";
import { documented, endless, hangAfterExecution, hangInBody, refuse, throttled } from "../support/faults.mjs";
import { until } from "../support/wait.mjs";

/** @typedef {import("../support/faulty-server.mjs").Step} Step */
/** @type {import("../support/faulty-server.mjs").FaultyServer} */
let server;
before(async () => {
  server = await warmServer();
});
after(() => server.close());

/** Deadlines of minutes: a timer that is left would keep the process alive. */
const long = { timeoutMs: 600_000, attemptTimeoutMs: 300_000 };

/** How a call ends, the steps, source text of the request, and the expected code or status. @type {[string, Step[], string, string][]} */
const ends = [
  ["a receipt", [], "", "200"],
  ["a receipt whose body was endless", [endless(200)], "", "200"],
  ["a receipt after a wait", [throttled("0")], "", "200"],
  ["a receipt after a refresh", [documented.tokenExpired], 'accessToken: async () => "token",', "200"],
  ["an error answer", [refuse(404, "x")], "", "not-found"],
  ["an endless error answer", [endless(500)], "", "bad-response"],
  ["a lost connection", [(reply) => reply.execute().reset()], "", "network"],
  ["a refused request", [], 'workflowId: "",', "invalid-argument"],
  ["a token function that throws", [], 'accessToken: () => { throw "no" },', "token-unavailable"],
  ["a wait that is not worth beginning", [throttled("1000")], "", "rate-limited"],
  ["an abort while the answer is out", [hangAfterExecution], "signal: abortSoon(),", "aborted"],
  ["an abort in a body", [hangInBody(404, "x")], "signal: abortSoon(),", "aborted"],
  ["an abort in a wait", [throttled("300")], "signal: abortSoon(),", "aborted"],
  ["an abort in the token function", [], "signal: abortSoon(), accessToken: () => new Promise(() => {}),", "aborted"],
  ["a deadline before the head", [hangAfterExecution], "attemptTimeoutMs: 400,", "timeout"],
  ["the call's deadline in a body", [hangInBody(500, "x")], "timeoutMs: 400,", "timeout"],
];

for (const [what, steps, source, expected] of ends) {
  test(`ends after ${what}`, async () => {
    const request = { ...requestTo(server), ...long };
    server.script(request.workflowId, steps);
    const script = `
      import { sendWorkflowCommand } from "campaign-workflow";
      const abortSoon = () => { const controller = new AbortController(); setTimeout(() => controller.abort(), 300); return controller.signal; };
      const result = await sendWorkflowCommand({ ...${JSON.stringify(request)}, ${source} }).then((receipt) => receipt.status, (error) => error.code);
      console.log(String(result));`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    let settledAt = NaN;
    child.stdout.on("data", (data) => {
      output += data;
      settledAt = performance.now();
    });
    const killed = setTimeout(() => child.kill("SIGKILL"), 15_000);
    const code = await new Promise((resolve) => child.on("close", resolve));
    clearTimeout(killed);
    const lingered = performance.now() - settledAt;
    assert.equal(output.trim(), expected);
    assert.equal(code, 0, "it ended by itself");
    assert.ok(lingered < 3000, `the process ended ${lingered} ms later`);
    for (const requests of server.requestsFor(request.workflowId))
      await until("the connection is closed", () => requests.isClosed);
  });
}

test("a call leaves no timer in a process that goes on", async () => {
  const { sendWorkflowCommand } = await import("campaign-workflow");
  const names = () =>
    process.getActiveResourcesInfo().filter((name) => name === "Timeout" || name === "Immediate").length;
  const before = names();
  for (let round = 0; round < 20; round++) {
    const request = requestTo(server, { ...long, maxRetries: 1 });
    server.script(request.workflowId, round % 2 ? [throttled("0"), refuse(404)] : [throttled("0")]);
    await sendWorkflowCommand(request).catch(() => {});
  }
  // The platform's fetch has one timer for all connections.
  assert.ok(names() <= before + 1, `${before} → ${names()}`);
});
