// The glue that the build makes of the gateway's crate with its writer, as far as the hand-written code uses it.

import type { RequestProgress } from "./gateway-core.js";

/** One instance of the module. What traps in it throws. */
export interface CloudflareCore {
  Worker: new (env: object, options: WorkerFunctions) => CoreWorker;
  Writer: new (object: WriterObject, env: object, organization: string, workflowId: string) => CoreWriter;
}

/** The Worker. */
export interface CoreWorker {
  fetch(request: Request, progress: RequestProgress): Promise<Response>;
  /** The commands whose object did not answer. */
  scheduled(cron: string, scheduledMs: number): Promise<object[]>;
  /** Whether the message is done with. */
  deliver(message: unknown): Promise<boolean>;
}

/** What the Worker asks of JavaScript. */
export interface WorkerFunctions {
  log: (line: object) => unknown;
  callObject: (call: ObjectCall) => Promise<string>;
  /** Counts a request of a caller; `false`: it is one too many. */
  limit?: (caller: string) => Promise<boolean>;
  authorize: (request: Request, asked: any) => Promise<boolean>;
}

/** What a workflow's object is asked. */
export interface ObjectCall {
  organization: string;
  workflowId: string;
  /** One of its methods. */
  method:
    | "send"
    | "enqueue"
    | "cancel"
    | "look"
    | "history"
    | "waiting"
    | "dead"
    | "numbered"
    | "sendAgain"
    | "dismiss";
  /** What it is called with. */
  values: unknown[];
}

/** The writer of one workflow's commands. Answers are JSON. */
export interface CoreWriter {
  send(order: CommandOrder, timeoutMs: number): Promise<string>;
  enqueue(order: CommandOrder, delayMs: number): Promise<string>;
  cancel(who: string, key: string, by: string): Promise<string>;
  look(who: string, key: string): string;
  history(): string;
  waiting(): string;
  dead(): string;
  numbered(number: number): string;
  sendAgain(number: number, by: string): Promise<string>;
  dismiss(number: number, by: string): Promise<string>;
  alarm(): Promise<void>;
}

export interface CommandOrder {
  key: string;
  command: string;
  who: string;
}

/** A row of the table: what is in it is decided in Rust. */
export interface CommandRow {
  seq: number;
  key: string | null;
  who: string;
  [column: string]: string | number | null;
}

/** What the writer asks of its object. */
export interface WriterObject {
  find(who: string, key: string): CommandRow | undefined;
  row(seq: number): CommandRow | undefined;
  inFlight(): CommandRow[];
  due(now: number): CommandRow[];
  queuedCount(): number;
  insert(row: CommandRow): number;
  update(row: CommandRow): void;
  newest(count: number): CommandRow[];
  replace(closed: CommandRow, row: CommandRow): number;
  upcoming(count: number): CommandRow[];
  dead(count: number): CommandRow[];
  expire(settledBefore: number, keep: number, keepDead: number): void;
  nextDue(): number | undefined;
  firstSettled(): number | undefined;
  now(): number;
  flush(): Promise<void>;
  setAlarm(at: number): void;
  log(line: object): void;
  auditTrail?: AuditLines;
}

/** The lines of the audit trail that have not been sent yet. */
export interface AuditLines {
  add(at: number, line: object): void;
  first(): number | undefined;
  send(): Promise<void>;
}

/** Makes a new instance. */
export function createCore(module: WebAssembly.Module, guard: import("./core.js").Guard): CloudflareCore;
