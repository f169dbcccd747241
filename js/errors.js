// @ts-check
// The error class and its type guard.

// The brand identifies errors of another copy or entry of the package.
const brand = Symbol.for("campaign-workflow.WorkflowCommandError");

/**
 * The error that `sendWorkflowCommand` rejects with; index.d.ts documents it. The Rust code constructs it as well. A
 * missing field becomes `null`, and `attempts` becomes 0.
 */
export class WorkflowCommandError extends Error {
  static {
    // Set on the prototype, so the name does not depend on a minifier.
    Object.defineProperty(this.prototype, "name", { value: "WorkflowCommandError", configurable: true });
    Object.defineProperty(this.prototype, brand, { value: true });
  }

  /**
   * @param {string} message
   * @param {object} fields
   * @param {string} fields.code
   * @param {string} fields.outcome
   * @param {number} [fields.status]
   * @param {string} [fields.errorCode]
   * @param {string} [fields.body]
   * @param {string} [fields.hint]
   * @param {number} [fields.retryAfterMs]
   * @param {string} [fields.requestId]
   * @param {number} [fields.attempts]
   * @param {unknown} [fields.cause]
   */
  constructor(message, fields) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.code = fields.code;
    this.outcome = fields.outcome;
    this.status = fields.status ?? null;
    this.errorCode = fields.errorCode ?? null;
    this.body = fields.body ?? null;
    this.hint = fields.hint ?? null;
    this.retryAfterMs = fields.retryAfterMs ?? null;
    this.requestId = fields.requestId ?? null;
    this.attempts = fields.attempts ?? 0;
  }
}

/**
 * Whether a value is a WorkflowCommandError of this or another copy of the package.
 *
 * @param {unknown} value
 * @returns {boolean}
 */
export function isWorkflowCommandError(value) {
  try {
    return typeof value === "object" && /** @type {any} */ (value)[brand] === true;
  } catch {
    // A hostile Proxy, or null.
    return false;
  }
}
