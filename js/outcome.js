// @ts-check
import { parse, text } from "./platform.js";

// A second copy of the package, or another entry of it, knows the errors of this one by the brand.
const brand = Symbol.for("campaign-workflow.WorkflowCommandError");

/** What `sendWorkflowCommand` rejects with; documented in index.d.ts. */
export class WorkflowCommandError extends Error {
  static {
    // On the prototype, so that a minifier's class name shows nowhere.
    Object.defineProperty(this.prototype, "name", { value: "WorkflowCommandError", configurable: true });
    Object.defineProperty(this.prototype, brand, { value: true });
  }

  /**
   * In the order of the fields.
   *
   * @param {string} message
   * @param {string} code
   * @param {string} outcome
   * @param {number | null} [status]
   * @param {string | null} [errorCode]
   * @param {string | null} [body]
   * @param {string | null} [hint]
   * @param {number | null} [retryAfterMs]
   * @param {string | null} [requestId]
   * @param {number} [attempts]
   * @param {unknown} [cause]
   */
  constructor(message, code, outcome, status, errorCode, body, hint, retryAfterMs, requestId, attempts, cause) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.outcome = outcome;
    this.status = status || null;
    this.errorCode = errorCode ?? null;
    this.body = body ?? null;
    this.hint = hint ?? null;
    this.retryAfterMs = retryAfterMs ?? null;
    this.requestId = requestId ?? null;
    this.attempts = attempts ?? 0;
  }
}

/**
 * The error of a failed call; called by the Rust code, which gives 0 for no status and less for no time to wait.
 *
 * @param {string} message
 * @param {string} code
 * @param {string} outcome
 * @param {number} status
 * @param {string | null} errorCode
 * @param {string | null} body
 * @param {string | null} hint
 * @param {number} retryAfterMs
 * @param {string | null} requestId
 * @param {number} attempts
 * @param {unknown} cause
 * @param {number} firstCode where the body is a gateway's document: the number of the first code's word, and
 * @param {number} codesEnd that after the last, with their sentences between
 */
export function failure(message, code, outcome, status, errorCode, body, hint, retryAfterMs, requestId, attempts, cause, firstCode, codesEnd) {
  /** @type {number | null} */
  let wait = retryAfterMs < 0 ? null : retryAfterMs;
  const said = firstCode && parse(body);
  for (let at = firstCode; at < codesEnd; at += 2) {
    // A gateway knows what its status can't say: it tells the error of its own call.
    if (said?.code === text(at) && ["not-executed", "unknown"].includes(said.outcome)) {
      const own = (/** @type {string} */ name, type = "string") => (typeof said[name] === type ? said[name] : null);
      ({ code, outcome } = said);
      message = own("detail") ?? message;
      errorCode = own("errorCode");
      hint = own("hint");
      wait = own("retryAfterMs", "number");
      body = own("body") ?? body;
    }
  }
  return new WorkflowCommandError(message, code, outcome, status, errorCode, body, hint, wait, requestId, attempts, cause);
}

/**
 * Whether a value is a WorkflowCommandError, of this copy of the package or another.
 *
 * @param {unknown} value
 * @returns {boolean}
 */
export function isWorkflowCommandError(value) {
  return typeof value === "object" && value !== null && /** @type {any} */ (value)[brand] === true;
}

/**
 * The receipt of an accepted command; called by the Rust code.
 *
 * @param {unknown} workflowId
 * @param {string} command
 * @param {number} status
 * @param {unknown} body
 * @param {string | null} requestId
 * @param {number} attempts
 */
export function receipt(workflowId, command, status, body, requestId, attempts) {
  return { workflowId, command, status, body, requestId, attempts };
}
