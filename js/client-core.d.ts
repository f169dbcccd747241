// The generated glue of the client's module, as the client uses it.
import type { BulkResult } from "./client.js";
import type { Core, Guard } from "./core.js";

/** One instance of the module. Each function takes an object of our own, into which the caller's fields are copied. */
export interface ClientCore extends Core {
  readWorkflow(fields: unknown): Promise<unknown>;
  triggerSignal(fields: unknown): Promise<unknown>;
  waitForWorkflow(fields: unknown): Promise<unknown>;
  sendConfirmed(fields: unknown): Promise<unknown>;
  enqueueCommand(fields: unknown): Promise<unknown>;
  readQueued(fields: unknown): Promise<unknown>;
  cancelQueued(fields: unknown): Promise<unknown>;
  sendAll(fields: unknown): Promise<SendAll>;
}

/** Many commands that are under way. */
export interface SendAll {
  /** @returns the next result; undefined once there are no more */
  next(): Promise<BulkResult | undefined>;
  /** @returns resolves once every command has ended, whether or not anybody takes the results */
  finished(): Promise<void>;
  /** Nobody wants more results. Frees the object. @returns resolves once all is over */
  close(): Promise<void>;
}

/** Makes a new instance. */
export function createCore(module: WebAssembly.Module, guard: Guard): ClientCore;
