// @ts-check
// The error class and its guard.

// A second copy of the package, or another entry of it, knows the errors of this one by the brand.
const brand = Symbol.for("campaign-workflow.WorkflowCommandError");

/**
 * What `sendWorkflowCommand` rejects with; documented in index.d.ts. Also constructed by the Rust code. A field that is left
 * out is `null`, and `attempts` 0.
 */
export class WorkflowCommandError extends Error {
  static {
    // On the prototype, so that a minifier's class name shows nowhere.
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
 * Whether a value is a WorkflowCommandError, of this copy of the package or another.
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
