// The glue that the build makes of the gateway's crate with its writer, as far as the hand-written code uses it.

import type { GatewayCore } from "./gateway-core.js";

/** One instance of the module. What traps in it throws. */
export interface CloudflareCore extends GatewayCore {
  Writer: new (object: WriterObject, env: object, organization: string, workflowId: string) => CoreWriter;
}

/** The writer of one workflow's commands. Answers are JSON. */
export interface CoreWriter {
  send(order: Order, timeoutMs: number): Promise<string>;
  enqueue(order: Order, delayMs: number): Promise<string>;
  cancel(who: string, key: string): Promise<string>;
  look(who: string, key: string): string;
  history(): string;
  alarm(): Promise<void>;
}

export interface Order {
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
  underWay(): CommandRow[];
  due(now: number): CommandRow[];
  waiting(): number;
  insert(row: CommandRow): number;
  update(row: CommandRow): void;
  newest(count: number): CommandRow[];
  forget(settledBefore: number, keep: number): void;
  nextDue(): number | undefined;
  firstSettled(): number | undefined;
  now(): number;
  flush(): Promise<void>;
  setAlarm(at: number): void;
  log(line: object): void;
}

/** Makes a new instance. */
export function createCore(module: WebAssembly.Module, guard: import("./core.js").Guard): CloudflareCore;
