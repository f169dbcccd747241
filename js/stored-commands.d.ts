/** The commands that a server with a queue stores, as `WorkflowClient` and the Worker on Cloudflare return them. */
import type { WorkflowCommand, WorkflowCommandErrorCode } from "./index.js";

/**
 * The state of a stored command.
 *
 * - `waiting`: its caller waits for the response, and other commands come first.
 * - `queued`: it waits for its time.
 * - `sending`: a request may be under way.
 * - `retrying`: it was certainly not executed, and will be sent again when it is due.
 * - `accepted`, `failed`, `unknown`, `cancelled`: final.
 */
export type CommandState =
  | "waiting"
  | "queued"
  | "sending"
  | "retrying"
  | "accepted"
  | "failed"
  | "unknown"
  | "cancelled";

/** A stored command. Times are ISO 8601, or `null` if they don't apply. */
export interface CommandEntry {
  /** Its number among the workflow's commands. */
  number: number;
  /** Its id, at `/api/queue/<id>`; `null` once its idempotency key was deleted. */
  id: string | null;
  command: WorkflowCommand;
  /** The caller who sent it. */
  who: string;
  /** `"request"`: the caller waited for the response. `"queue"`: it was queued for later. */
  via: "request" | "queue";
  state: CommandState;
  outcome: "accepted" | "not-executed" | "unknown" | null;
  /** The number of requests that were sent to Campaign for it. */
  tries: number;
  createdAt: string;
  /** When it will be sent, if it waits for a time. */
  dueAt: string | null;
  sentAt: string | null;
  settledAt: string | null;
  /** When somebody cancelled it, sent it again or dismissed it. */
  closedAt: string | null;
  /** Who closed it. */
  closedBy: string | null;
  /** The number of the command that replaced it. */
  sentAgainAs: number | null;
  /** Whether it was queued, was not accepted, and is still open: an operator can send it again or dismiss it. */
  isDead: boolean;
  /** The `x-request-id` of Campaign's response. */
  requestId: string | null;
  /** Why it was not accepted, as a problem document. */
  problem: CommandProblem | null;
}

/** The problem document (RFC 9457) of a command. */
export interface CommandProblem {
  type: "about:blank";
  title: string;
  status: number;
  detail: string;
  code: WorkflowCommandErrorCode;
  outcome: "not-executed" | "unknown";
  hint: string | null;
  retryAfterMs: number | null;
  errorCode?: string;
  requestId?: string;
  body?: string;
}

/**
 * A command that a server has queued. This is not a receipt: Campaign may not have received the command yet. `state`
 * says how far it has come; `outcome` is `null` until it was sent.
 */
export interface QueuedCommand extends CommandEntry {
  /**
   * Pass it to `WorkflowClient.queued` or `WorkflowClient.cancel`. It is not a secret, and grants no
   * access.
   */
  id: string;
  /** The Campaign tenant. */
  organization: string;
  /** The workflow's id or PKey. */
  workflowId: string;
}
