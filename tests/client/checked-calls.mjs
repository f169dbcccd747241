// @ts-check
// Calls of the package against the faulty server, each held against what the server saw.

import assert from "node:assert/strict";
import { mock } from "node:test";
import { WorkflowCommandError, isWorkflowCommandError, sendWorkflowCommand } from "campaign-workflow";
import { FaultyServer } from "../support/faulty-server.mjs";

/** @typedef {import("campaign-workflow").WorkflowCommandRequest} Request */
/** @typedef {import("campaign-workflow").WorkflowCommandReceipt} Receipt */
/** @typedef {import("../support/faulty-server.mjs").Step} Step */
/** @typedef {import("../support/faulty-server.mjs").Seen} Seen */
/** @typedef {{ receipt?: Receipt, error?: WorkflowCommandError, seen: Seen[], executed: number, tookMs: number, lateMs: number }} Witnessed */

export const accessToken = "eyJhbGciOiJSUzI1NiJ9.net/work+test==";
export const apiKey = "f00dcafe-net-key";

/** How late a call may settle after its deadline. */
export const GRACE_MS = 100;

let calls = 0;

/** A server that has answered a call already: the first call starts the module and the platform's fetch, which takes its time. */
export async function warmServer() {
  const server = await new FaultyServer().listen();
  await accepted(server, []);
  return server;
}

/** A call for a workflow that no other test uses. @param {FaultyServer} server @param {Partial<Request>} [more] @returns {Request} */
export function requestTo(server, more = {}) {
  const workflowId = `WKF${++calls}`;
  return { organization: "acme", workflowId, command: "start", accessToken, apiKey, baseUrl: server.url, ...more };
}

/**
 * One call, whose requests meet these steps. Whatever comes of it, the promises of the package are held against the server's
 * log: a receipt means that the command was executed, `not-executed` that it was not, nothing is executed twice, and
 * `attempts` is the number of requests.
 *
 * @param {FaultyServer} server @param {readonly Step[]} steps @param {Partial<Request>} [more]
 * @param {{ unseen?: boolean, begun?: (request: Request) => void }} [options] unseen: some requests can't reach the server
 * @returns {Promise<Witnessed>}
 */
export async function witnessed(server, steps, more = {}, { unseen = false, begun } = {}) {
  const request = requestTo(server, more);
  server.script(request.workflowId, steps);
  const { timeoutMs = 30_000 } = request;
  // A timer of the test's own, set before the call, tells how busy the machine is: the call may not be later than that.
  let due = Infinity;
  const deadline = setTimeout(() => (due = performance.now()), timeoutMs);
  const from = performance.now();
  const promise = sendWorkflowCommand(request);
  begun?.(request);
  /** @type {Pick<Witnessed, "receipt" | "error">} */
  const result = await promise.then(
    (receipt) => ({ receipt }),
    (error) => ({ error }),
  );
  const now = performance.now();
  clearTimeout(deadline);

  const seen = server.about(request.workflowId);
  const executed = seen.reduce((sum, { executed }) => sum + executed, 0);
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
      assert.equal(executed, 0, "not-executed is said of a command that was executed");
    }
    if (error.outcome === "unknown") assert.ok(error.hint, "an unknown outcome says what to do");
  }
  if (!unseen)
    assert.equal((receipt ?? error)?.attempts, seen.length, "attempts are the requests that reached the server");
  return { ...result, seen, executed, tookMs: now - from, lateMs: now - due };
}

/** As `witnessed`, for a call that has to fail. @param {Parameters<typeof witnessed>} args */
export async function failed(...args) {
  const { error, ...rest } = await witnessed(...args);
  assert.ok(error, "it did not fail");
  return { error, ...rest };
}

/** As `witnessed`, for a call that has to be accepted. @param {Parameters<typeof witnessed>} args */
export async function accepted(...args) {
  const { receipt, error, ...rest } = await witnessed(...args);
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
