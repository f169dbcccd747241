/**
 * For a Worker on Cloudflare: the gateway, and the Durable Object of a workflow, which sends each of its commands at most once.
 * It works in Workers only.
 */
import type { WorkflowCommand } from "./index.js";

export { createGateway, imsTokenProvider } from "./gateway.js";
export type * from "./gateway.js";

/** The workflow that a command is for. Each has its own object: `idFromName(JSON.stringify([organization, workflowId]))`. */
export interface WorkflowName {
  /** The tenant. */
  organization: string;
  /** The id or PKey. They are two names, and so two objects: use one of them. */
  workflowId: string;
}

/** A command for a workflow's object. */
export interface CommandOrder {
  /** The caller's `Idempotency-Key`, or a name that you make up; give those a space, so that they meet no key of a caller. */
  key: string;
  /** One of the four commands. */
  command: WorkflowCommand;
  /** Whose command it is. A key belongs to a caller. */
  who: string;
}

/**
 * How far a command has come. `waiting`: for its turn, and its caller waits for the answer. `queued`: for its time. `sending`: a
 * request may be under way. `retrying`: it was certainly not executed, and is sent again when it is due. The others are final.
 */
export type CommandState = "waiting" | "queued" | "sending" | "retrying" | "accepted" | "failed" | "unknown" | "cancelled";

/** What is known of one command. Times are ISO 8601; `null`: not yet, or not any more. */
export interface CommandEntry {
  command: WorkflowCommand;
  who: string;
  /** Whether somebody waited for the answer, or it was taken for later. */
  via: "request" | "queue";
  state: CommandState;
  outcome: "accepted" | "not-executed" | "unknown" | null;
  /** How many requests went to Campaign for it. */
  tries: number;
  createdAt: string;
  /** When it is sent, if it waits for that. */
  dueAt: string | null;
  sentAt: string | null;
  settledAt: string | null;
  /** The number of Campaign's answer. */
  requestId: string | null;
  /** Why it was not accepted, as a problem document. */
  problem: CommandProblem | null;
}

/** A problem document (RFC 9457) of a command. */
export interface CommandProblem {
  type: "about:blank";
  title: string;
  status: number;
  detail: string;
  code: import("./index.js").WorkflowCommandErrorCode;
  outcome: "not-executed" | "unknown";
  hint: string | null;
  retryAfterMs: number | null;
  errorCode?: string;
  requestId?: string;
  body?: string;
}

/** A receipt as it is stored: of the body the first 8 KiB. */
export interface StoredReceipt {
  status: number;
  requestId: string | null;
  body: unknown;
  attempts: number;
}

/**
 * The Durable Object of one workflow: bind it, on SQLite, as a class of your Worker. It reads the Worker's variables and secrets
 * (`CAMPAIGN_URL`, `IMS_CLIENT_ID`, `WAIT_MS`, …; see the example's README), and sends nothing while one of them is wrong.
 *
 * Before a request for a command goes out, it is on disk that it does. A command whose outcome never gets there is `unknown`, and
 * is never sent again. Commands are sent one at a time; `stop` goes before whatever else waits.
 */
export class WorkflowObject {
  constructor(ctx: any, env: any);

  /**
   * Sends a command, or tells how it ended if its key is known.
   * @param timeoutMs For all of it, in milliseconds, the wait for its turn included.
   */
  send(
    name: WorkflowName,
    order: CommandOrder,
    timeoutMs: number,
  ): Promise<{ receipt?: StoredReceipt; problem?: CommandProblem; isStored: boolean }>;

  /**
   * Takes a command for later. The object's own alarm sends it when it is due, and again while it was certainly not executed.
   * @param delayMs In milliseconds.
   */
  enqueue(
    name: WorkflowName,
    order: CommandOrder,
    delayMs: number,
  ): Promise<{ entry?: CommandEntry; problem?: CommandProblem; isStored?: boolean }>;

  /** Calls off a command that still waits for its time, and tells what became of it; `null`: there is none. */
  cancel(who: string, key: string): Promise<CommandEntry | null>;

  /** What became of a command; `null`: there is none. */
  look(who: string, key: string): Promise<CommandEntry | null>;

  /** The last 100 commands, the newest first. */
  history(): Promise<CommandEntry[]>;

  /** Called by the platform. */
  alarm(): Promise<void>;
}
