// What of Cloudflare's platform is used here, so that the example needs no package of types.

interface DurableObjectNamespace<T> {
  idFromName(name: string): object;
  idFromString(id: string): object;
  get(id: object): T;
}

interface Queue<T> {
  send(body: T, options?: { delaySeconds?: number; contentType?: "json" }): Promise<unknown>;
}

interface MessageBatch<T> {
  readonly messages: readonly Message<T>[];
}

interface Message<T> {
  readonly body: T;
  readonly attempts: number;
  ack(): void;
  retry(options?: { delaySeconds?: number }): void;
}

interface ExecutionContext {
  waitUntil(promise: Promise<unknown>): void;
}

interface ScheduledController {
  readonly cron: string;
  readonly scheduledTime: number;
}

type WorkflowCommand = import("campaign-workflow").WorkflowCommand;

/** The workflow that a command is for. Each has its own Durable Object. */
interface Target {
  organization: string;
  workflowId: string;
}

/** An RFC 9457 problem document; the client in a page makes a WorkflowCommandError of it. */
interface Problem {
  type: "about:blank";
  title: string;
  status: number;
  detail: string;
  code: import("campaign-workflow").WorkflowCommandErrorCode;
  outcome: "not-executed" | "unknown";
  hint: string | null;
  retryAfterMs: number | null;
  errorCode?: string | null;
  requestId?: string | null;
  body?: string | null;
  /** The Idempotency-Key answers this again. */
  stored?: true;
}

/**
 * What is asked of a workflow's object: `key` is the Idempotency-Key of `who`, or a name that the Worker gave. Those have a space, so
 * they meet no key of a caller.
 */
interface Order {
  key: string;
  command: WorkflowCommand;
  who: string;
}

type State = "waiting" | "queued" | "sending" | "retrying" | "accepted" | "failed" | "unknown" | "cancelled";

/** One line of the history. Times are ISO 8601; null: not yet. */
interface Entry {
  command: WorkflowCommand;
  who: string;
  via: "request" | "queue";
  state: State;
  outcome: "accepted" | "not-executed" | "unknown" | null;
  tries: number;
  createdAt: string;
  dueAt: string | null;
  sentAt: string | null;
  settledAt: string | null;
  requestId: string | null;
  problem: Problem | null;
}

/** A workflow's object. */
interface WorkflowStub {
  send(target: Target, order: Order, timeoutMs: number): Promise<{ isStored: boolean } & ({ receipt: Omit<import("campaign-workflow").WorkflowCommandReceipt, "workflowId" | "command">; problem?: undefined } | { receipt?: undefined; problem: Problem })>;
  enqueue(target: Target, order: Order, delayMs: number): Promise<{ entry?: Entry; problem?: Problem; isStored?: boolean }>;
  cancel(who: string, key: string): Promise<Entry | null>;
  look(who: string, key: string): Promise<Entry | null>;
  history(): Promise<Entry[]>;
}

/** A message of the queue: a scheduled command whose object did not answer. Earlier versions named an object alone. */
interface ScheduledOrder {
  target: Target;
  order: Order;
  object?: string;
}

/** One entry of the variable SCHEDULE. */
interface ScheduledCommand {
  cron: string;
  workflowId: string;
  command: WorkflowCommand;
}

interface Env {
  CAMPAIGN_ORGANIZATION: string;
  WORKFLOWS?: readonly string[] | Record<string, readonly (WorkflowCommand | "read" | "signal")[]>;
  ALLOWED_ORIGINS?: readonly string[];
  SCHEDULE?: readonly ScheduledCommand[];
  IMS_SCOPE?: string;
  WHEN_BUSY?: "wait" | "refuse";
  WAIT_MS?: number;
  TIMEOUT_MS?: number;
  ATTEMPT_TIMEOUT_MS?: number;
  MAX_TRIES?: number;
  RETRY_MS?: number;
  GIVE_UP_AFTER_MS?: number;
  MAX_WAITING?: number;
  /** Secrets; see README.md. */
  CALLER_KEY?: string;
  IMS_CLIENT_ID?: string;
  IMS_CLIENT_SECRET?: string;
  /** For a local Campaign: its address and what it takes. */
  IMS_TOKEN_URL?: string;
  CAMPAIGN_URL?: string;
  ACCESS_TOKEN?: string;
  API_KEY?: string;
  /** For the demo on one's own machine: whoever asks chooses a role. */
  DEMO_SIGN_IN?: boolean;
  /** For tests: how far the clock is put forward. */
  CLOCK_OFFSET_MS?: number;
  WORKFLOWS_BY_ID: DurableObjectNamespace<WorkflowStub>;
  COMMANDS: Queue<ScheduledOrder>;
}
