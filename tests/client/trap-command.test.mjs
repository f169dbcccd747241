// @ts-check
// A defect of the package that ends its WebAssembly instance: the calls in flight in it settle, the next call works, and nothing
// reaches the process. The build with the trap in it is made here; it traps when the
// head of the answer to a command for the workflow "TRAP" is there.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { isWorkflowCommandError } from "campaign-workflow";
import { buildTrap } from "../../scripts/build.mjs";
import { accepted, accessToken, requestTo, warmServer } from "./checked-calls.mjs";
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

const executed = () => server.about("TRAP").reduce((sum, { executed }) => sum + executed, 0);

/** A call that traps, and what it rejected with. @param {object} [more] */
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

/** What came to the process instead of to a caller. */
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

/** What a call came to. @param {Promise<import("campaign-workflow").WorkflowCommandReceipt>} call */
const ending = (call) =>
  call.then(
    ({ status }) => status,
    ({ code, outcome }) => `${code}, ${outcome}`,
  );

test("the calls in flight in the instance end with it, wherever they are", async () => {
  const slowly = (/** @type {any} */ value) => sleep(200, value);
  const controller = new AbortController();
  /** @type {[import("../support/faulty-server.mjs").Step[], object][]} */
  const others = [
    [[(wire) => slowly(0).then(() => wire.execute().answer(200))], {}],
    [[hangInBody(200, "so far")], { attemptTimeoutMs: 300 }],
    [[throttled("1")], {}],
    [[], { accessToken: () => slowly(accessToken) }],
    [[documented.tokenExpired], { accessToken: () => slowly(accessToken) }],
    [[(wire) => void wire.execute()], { attemptTimeoutMs: 300 }],
    [[(wire) => void wire.execute()], { signal: controller.signal }],
  ];
  const inFlight = others.map(([steps, more]) => {
    const request = requestTo(server, more);
    server.script(request.workflowId, steps);
    return ending(send(request));
  });
  await until("they are out", () => server.seen.at(-1) !== undefined);
  await trap();
  assert.deepEqual(
    await Promise.all(inFlight),
    others.map(() => "internal, unknown"),
  );
  // What they still wait for comes to the instance that is lost.
  controller.abort();
  await slowly(0);
  await assertNothingUncaught();
});

test("many trap at once, and new calls work", async () => {
  await Promise.all(Array.from({ length: 20 }, () => trap()));
  const calls = Array.from({ length: 40 }, () => ending(send(requestTo(server))));
  assert.deepEqual(
    await Promise.all(calls),
    calls.map(() => 200),
  );
  await assertNothingUncaught();
});

test("calls that go on in the very same turn", async () => {
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

test("a trap settles within the deadline of its call, and before", async () => {
  const from = performance.now();
  await trap({ timeoutMs: 500 });
  assert.ok(performance.now() - from < 400);
  // Its own timers may still fire in the instance that is lost.
  await sleep(600);
  await assertNothingUncaught();
});

test("hundreds of times in a row", async () => {
  for (let round = 0; round < 400; round++) {
    const other = ending(send(requestTo(server, { fetch: () => new Promise(() => {}) })));
    await trap({ timeoutMs: 1000 });
    assert.equal(await other, "internal, unknown");
    assert.equal((await send(requestTo(server))).status, 200);
  }
  await assertNothingUncaught();
});

test("the package that is shipped has no trap", async () => {
  const fresh = await warmServer();
  await accepted(fresh, [], { workflowId: "TRAP" });
  await fresh.close();
});

test("a start that fails is internal, not executed, and forgotten", async () => {
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
