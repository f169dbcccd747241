// @ts-check
// Calls of the package to the faulty server, each compared with the server's log.

import assert from "node:assert/strict";
import { mock } from "node:test";
import { WorkflowCommandError, isWorkflowCommandError, sendWorkflowCommand } from "campaign-workflow";
import { FaultyServer } from "../support/faulty-server.mjs";

/** @typedef {import("campaign-workflow").WorkflowCommandRequest} Request */
/** @typedef {import("campaign-workflow").WorkflowCommandReceipt} Receipt */
/** @typedef {import("../support/faulty-server.mjs").Step} Step */
/** @typedef {import("../support/faulty-server.mjs").ReceivedRequest} ReceivedRequest */
/** @typedef {{ receipt?: Receipt, error?: WorkflowCommandError, requests: ReceivedRequest[], executed: number, tookMs: number, lateMs: number }} CheckedCall */

export const accessToken = "eyJhbGciOiJSUzI1NiJ9.net/work+test==";
export const apiKey = "f00dcafe-net-key";

/** How late a call may settle after its deadline. */
export const GRACE_MS = 100;

let calls = 0;

/** A server that has had a call already: the first one starts the module and the platform's fetch, which takes time. */
export async function warmServer() {
  const server = await new FaultyServer().listen();
  await acceptedCall(server, []);
  return server;
}

/** A request for a workflow that no other test uses. @param {FaultyServer} server @param {Partial<Request>} [more] @returns {Request} */
export function requestTo(server, more = {}) {
  const workflowId = `WKF${++calls}`;
  return { organization: "acme", workflowId, command: "start", accessToken, apiKey, baseUrl: server.url, ...more };
}

/**
 * Makes one call and compares its result with the server's log: a receipt means that the command was executed, `not-executed` that
 * it was not, nothing is executed twice, and `attempts` is the number of requests.
 *
 * @param {FaultyServer} server @param {readonly Step[]} steps @param {Partial<Request>} [more]
 * @param {{ mayMissServer?: boolean, onStart?: (request: Request) => void }} [options] mayMissServer: not every request reaches the server; onStart: runs once the call has started
 * @returns {Promise<CheckedCall>}
 */
export async function checkedCall(server, steps, more = {}, { mayMissServer = false, onStart } = {}) {
  const request = requestTo(server, more);
  server.script(request.workflowId, steps);
  const { timeoutMs = 30_000 } = request;
  // The test's own timer, set before the call, fires late on a busy machine. The call is compared with that timer.
  let due = Infinity;
  const deadline = setTimeout(() => (due = performance.now()), timeoutMs);
  const from = performance.now();
  const promise = sendWorkflowCommand(request);
  onStart?.(request);
  /** @type {Pick<CheckedCall, "receipt" | "error">} */
  const result = await promise.then(
    (receipt) => ({ receipt }),
    (error) => ({ error }),
  );
  const now = performance.now();
  clearTimeout(deadline);

  const requests = server.requestsFor(request.workflowId);
  const executed = requests.reduce((sum, { executed }) => sum + executed, 0);
  const { receipt, error } = result;
  assert.ok(executed <= 1, `executed ${executed} times`);
  if (receipt) {
    assert.equal(executed, 1, "a receipt for a command that was not executed");
    assert.equal(receipt.workflowId, request.workflowId);
    assert.equal(receipt.command, request.command);
    assert.ok(receipt.status >= 200 && receipt.status <= 299);
  } else {
    assert.ok(error instanceof WorkflowCommandError, String(error));
    assert.ok(error instanceof Error && isWorkflowCommandError(error));
    assert.equal(error.name, "WorkflowCommandError");
    if (error.outcome !== "unknown") {
      assert.equal(error.outcome, "not-executed");
      assert.equal(executed, 0, "the outcome is not-executed, but the command was executed");
    }
    if (error.outcome === "unknown") assert.ok(error.hint, "an unknown outcome says what to do");
  }
  if (!mayMissServer)
    assert.equal((receipt ?? error)?.attempts, requests.length, "attempts are the requests that reached the server");
  return { ...result, requests, executed, tookMs: now - from, lateMs: now - due };
}

/** `checkedCall` for a call that has to fail. @param {Parameters<typeof checkedCall>} args */
export async function failedCall(...args) {
  const { error, ...rest } = await checkedCall(...args);
  assert.ok(error, "it did not fail");
  return { error, ...rest };
}

/** `checkedCall` for a call that has to be accepted. @param {Parameters<typeof checkedCall>} args */
export async function acceptedCall(...args) {
  const { receipt, error, ...rest } = await checkedCall(...args);
  assert.ok(receipt, `not accepted: ${error?.code} ${error?.message}`);
  return { receipt, ...rest };
}

/**
 * Runs calls without the waits of the back-off, which are random.
 * @template T @param {() => Promise<T>} work @returns {Promise<T>}
 */
export async function withoutBackOff(work) {
  const random = mock.method(Math, "random", () => 0);
  try {
    return await work();
  } finally {
    random.mock.restore();
  }
}
