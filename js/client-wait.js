// @ts-check
// Waiting for a workflow, and commands that are confirmed by it. When to look again is decided in the module.

import { isWorkflowCommandError, WorkflowCommandError } from "./errors.js";
import { rest } from "./client-stop.js";

/**
 * @typedef {import("./client.js").Workflow} Workflow
 * @typedef {import("./client.js").WorkflowPredicate} WorkflowPredicate
 * @typedef {import("./client-core.js").ClientCore} ClientCore
 * @typedef {import("./client-stop.js").Stop} Stop
 */
/**
 * @typedef {object} Waiting
 * @property {(name: "sendWorkflowCommand", request: any) => Promise<any>} call
 * @property {(request: any) => Promise<{ body: any, attempts: number }>} read
 * @property {ClientCore} core
 * @property {Record<string, any>} request  with the client's own `timeoutMs`
 * @property {WorkflowPredicate} until
 * @property {number} intervalMs
 * @property {number} deadline  of `performance.now()`
 * @property {Stop} stop
 */

const NOT_THERE = "The workflow was not where it was waited for: look at it, or wait longer.";

/** What the caller's predicate threw: it is passed on as it is, whatever it is. */
class Thrown {
  /** @param {unknown} value */
  constructor(value) {
    this.value = value;
  }
}

/** @type {typeof import("./client.js").hasState} */
export const hasState = (...names) => {
  const wanted = names.map((name) => name.toLowerCase());
  return ({ state, status }) => [state, status].some((word) => typeof word === "string" && wanted.includes(word.toLowerCase()));
};

/** @param {Waiting} waiting @returns {Promise<Workflow>} */
export const waitFor = (waiting) => unwrapped(() => wait(waiting));

/** @param {Waiting} waiting @returns {Promise<import("./client.js").ConfirmedReceipt>} */
export const sendConfirmed = (waiting) => unwrapped(() => confirm(waiting));

/** @template T @param {() => Promise<T>} work @returns {Promise<T>} */
async function unwrapped(work) {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Thrown ? error.value : error;
  }
}

/** @param {Waiting} waiting @param {(seen: Workflow) => void} [note] @returns {Promise<Workflow>} */
async function wait(waiting, note) {
  const { core, intervalMs, deadline, stop } = waiting;
  let attempts = 0;
  /** @type {any} */
  let failure;
  for (let looks = 1, last = false; ; looks++) {
    try {
      const { body, attempts: sent } = await waiting.read(limited(waiting));
      attempts += sent;
      failure = undefined;
      note?.(body);
      if (await holds(waiting, body)) return body;
    } catch (/** @type {any} */ error) {
      if (!isWorkflowCommandError(error) || stop.aborted) throw error;
      attempts += error.attempts;
      if (!core.mayPass(error.code)) throw error;
      // That the deadline ended the last look says less than why the one before it failed.
      if (error.code !== "timeout" || !failure) failure = error;
    }
    const left = deadline - performance.now();
    const over = last || left <= 0;
    let wait = left;
    if (!over) {
      const due = core.nextLook(looks, intervalMs, failure?.retryAfterMs ?? 0, left, Math.random());
      last = due < 0;
      wait = last ? -1 - due : due;
    }
    await rest(wait, stop);
    if (stop.aborted) throw aborted(stop, attempts);
    if (over || performance.now() >= deadline) throw late(attempts, failure);
  }
}

/** The request of one look or command, which is over with the wait at the latest. @param {Waiting} waiting */
function limited({ request, deadline }) {
  const left = Math.max(1, Math.ceil(deadline - performance.now()));
  const { timeoutMs = 30_000 } = request;
  // What is no number is left for the module to refuse.
  return { ...request, timeoutMs: typeof timeoutMs === "number" ? Math.min(timeoutMs, left) : timeoutMs };
}

/** Asks the caller's predicate, for as long as there is time. @param {Waiting} waiting @param {Workflow} workflow */
async function holds({ until, deadline, stop }, workflow) {
  /** @type {{ value: unknown } | undefined} */
  let answer;
  /** @type {Thrown | undefined} */
  let thrown;
  try {
    const given = /** @type {any} */ (until(workflow));
    if (typeof given?.then !== "function") return !!given;
    const asked = Promise.resolve(given).then(
      (value) => (answer = { value }),
      (error) => (thrown = new Thrown(error)),
    );
    await rest(deadline - performance.now(), stop, asked);
  } catch (error) {
    throw new Thrown(error);
  }
  if (thrown) throw thrown;
  return !!answer?.value;
}

/** @param {Waiting} waiting */
async function confirm(waiting) {
  const { call, read, request, stop, deadline } = waiting;
  const before = await read(limited(waiting));
  // What holds already proves nothing afterwards.
  const held = await holds(waiting, before.body);
  if (stop.aborted) throw aborted(stop, before.attempts);
  if (performance.now() >= deadline) throw late(before.attempts);
  /** @type {Workflow | null} */
  let workflow = null;
  const see = () => wait(waiting, (seen) => (workflow = seen));
  let receipt;
  try {
    receipt = await call("sendWorkflowCommand", limited(waiting));
  } catch (/** @type {any} */ error) {
    if (error.outcome !== "unknown" || held || stop.aborted) throw error;
    try {
      await see();
    } catch (later) {
      throw later instanceof Thrown ? later : error;
    }
    const { workflowId, command } = request;
    const { requestId, attempts } = error;
    return { workflowId, command, status: null, body: null, requestId, attempts, confirmed: true, workflow };
  }
  let confirmed = false;
  try {
    if (!held) confirmed = !!(await see());
  } catch (later) {
    if (later instanceof Thrown) throw later;
  }
  return { ...receipt, confirmed, workflow };
}

/** @param {Stop} stop @param {number} [attempts] */
export function aborted({ reason }, attempts = 0) {
  return new WorkflowCommandError("The call was aborted", { code: "aborted", outcome: "not-executed", attempts, cause: reason });
}

/** @param {number} attempts @param {unknown} [failure] */
export function late(attempts, failure) {
  const fields = { code: "timeout", outcome: "not-executed", hint: NOT_THERE, attempts, cause: failure };
  return new WorkflowCommandError("The deadline passed", fields);
}
