// @ts-check
// A trap, which ends the WebAssembly instance: the calls in flight settle, the next call works, and no error reaches the process. The
// test build, which is made here, traps when the head of the response to a command for the workflow "TRAP" has arrived.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { isWorkflowCommandError } from "campaign-workflow";
import { buildTrap } from "../../scripts/build.mjs";
import { acceptedCall, accessToken, requestTo, warmServer } from "./checked-calls.mjs";
import { documented, hangInBody, throttled } from "../support/faults.mjs";
import { sleep, until } from "../support/wait.mjs";
import { listenForUncaught } from "./invalid-values.mjs";

/** @type {import("../support/faulty-server.mjs").FaultyServer} */
let server;
/** @type {typeof import("campaign-workflow").sendWorkflowCommand} */
let send;
const uncaught = listenForUncaught();
before(async () => {
  const trapping = await import(pathToFileURL(join(await buildTrap(), "index.js")).href);
  send = trapping.sendWorkflowCommand;
  server = await warmServer();
  await send(requestTo(server));
});
after(() => server.close());

const executed = () => server.requestsFor("TRAP").reduce((sum, { executed }) => sum + executed, 0);

/** Makes a call that traps, and checks its error. @param {object} [more] */
async function trap(more) {
  const before = executed();
  const error = await send(requestTo(server, { workflowId: "TRAP", timeoutMs: 3000, ...more })).then(
    () => null,
    (error) => error,
  );
  assert.ok(isWorkflowCommandError(error), String(error));
  assert.deepEqual([error.code, error.outcome, error.status, error.attempts], ["internal", "unknown", null, 0]);
  assert.match(String(error.hint), /look at the workflow/);
  assert.ok(error.cause instanceof WebAssembly.RuntimeError);
  assert.ok(executed() > before, "the command was executed");
}

async function assertNothingUncaught() {
  await sleep(20);
  assert.deepEqual(uncaught.splice(0), []);
}

test("the call that traps rejects with internal, its outcome unknown", async () => {
  await trap();
  await assertNothingUncaught();
});

test("the next call works", async () => {
  await trap();
  assert.equal((await send(requestTo(server))).status, 200);
  await assertNothingUncaught();
});

/** The receipt's status, or the error's code and outcome. @param {Promise<import("campaign-workflow").WorkflowCommandReceipt>} call */
const ending = (call) =>
  call.then(
    ({ status }) => status,
    ({ code, outcome }) => `${code}, ${outcome}`,
  );

test("calls in flight end with the instance, in whatever phase", async () => {
  const slowly = (/** @type {any} */ value) => sleep(200, value);
  const controller = new AbortController();
  /** @type {[import("../support/faulty-server.mjs").Step[], object][]} */
  const others = [
    [[(reply) => slowly(0).then(() => reply.execute().respond(200))], {}],
    [[hangInBody(200, "so far")], { attemptTimeoutMs: 300 }],
    [[throttled("1")], {}],
    [[], { accessToken: () => slowly(accessToken) }],
    [[documented.tokenExpired], { accessToken: () => slowly(accessToken) }],
    [[(reply) => void reply.execute()], { attemptTimeoutMs: 300 }],
    [[(reply) => void reply.execute()], { signal: controller.signal }],
  ];
  const inFlight = others.map(([steps, more]) => {
    const request = requestTo(server, more);
    server.script(request.workflowId, steps);
    return ending(send(request));
  });
  await until("they are out", () => server.requests.at(-1) !== undefined);
  await trap();
  assert.deepEqual(
    await Promise.all(inFlight),
    others.map(() => "internal, unknown"),
  );
  // What they waited for reaches the lost instance.
  controller.abort();
  await slowly(0);
  await assertNothingUncaught();
});

test("many calls trap at once, and new calls work", async () => {
  await Promise.all(Array.from({ length: 20 }, () => trap()));
  const calls = Array.from({ length: 40 }, () => ending(send(requestTo(server))));
  assert.deepEqual(
    await Promise.all(calls),
    calls.map(() => 200),
  );
  await assertNothingUncaught();
});

test("calls that continue in the same turn of the event loop", async () => {
  /** @type {((answer: any) => void)[]} */
  const gates = [];
  const fetch = () => /** @type {Promise<any>} */ (new Promise((resolve) => gates.push(resolve)));
  const ids = ["A", "B", "TRAP", "C", "TRAP", "D", "E"];
  const ends = Promise.all(
    ids.map((workflowId) => ending(send(requestTo(server, { workflowId, fetch, timeoutMs: 3000 })))),
  );
  await until("all are out", () => gates.length === ids.length);
  for (const open of gates) open({ status: 200, headers: new Headers(), text: async () => "x" });
  assert.deepEqual(
    await ends,
    ids.map(() => "internal, unknown"),
  );
  await assertNothingUncaught();
});

test("a call that traps settles before its deadline", async () => {
  const from = performance.now();
  await trap({ timeoutMs: 500 });
  assert.ok(performance.now() - from < 400);
  // Its timers may still fire in the lost instance.
  await sleep(600);
  await assertNothingUncaught();
});

test("400 traps in a row", async () => {
  for (let round = 0; round < 400; round++) {
    const other = ending(send(requestTo(server, { fetch: () => new Promise(() => {}) })));
    await trap({ timeoutMs: 1000 });
    assert.equal(await other, "internal, unknown");
    assert.equal((await send(requestTo(server))).status, 200);
  }
  await assertNothingUncaught();
});

test("the shipped package has no trap", async () => {
  const fresh = await warmServer();
  await acceptedCall(fresh, [], { workflowId: "TRAP" });
  await fresh.close();
});

test("a failed start of the module is internal and not-executed, and the next call starts it again", async () => {
  const script = `
    import { sendWorkflowCommand } from "campaign-workflow";
    const { compile } = WebAssembly;
    const send = () => sendWorkflowCommand(${JSON.stringify(requestTo(server))}).then(({ status }) => status, ({ code, outcome, attempts }) => [code, outcome, attempts].join());
    WebAssembly.compile = async () => { throw new WebAssembly.CompileError("blocked by CSP"); };
    console.log(await Promise.all([send(), send()]));
    WebAssembly.compile = compile;
    console.log(await send());`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (data) => (output += data));
  assert.equal(await new Promise((resolve) => child.on("close", resolve)), 0);
  assert.equal(output, "[ 'internal,not-executed,0', 'internal,not-executed,0' ]\n200\n");
});
