// The generated glue of the client's module, as the client uses it.
import type { Core, Guard } from "./core.js";

/** One instance of the module. What traps in it throws; so do the checks, with what is wrong. */
export interface ClientCore extends Core {
  getWorkflow(request: unknown): Promise<unknown>;
  sendSignal(request: unknown): Promise<unknown>;
  /** @returns the body of the trigger's request */
  checkSignal(content: unknown): string;
  checkWait(options: unknown): void;
  checkBulk(options: unknown): void;
  /** Whether a look that failed like this may be followed by one that does not. */
  mayPass(code: string): boolean;
  /** Milliseconds; -1 less them where it is the last. */
  nextLook(looks: number, intervalMs: number, askedMs: number, leftMs: number, chance: number): number;
  Bulk: new (concurrency: number, perSecond: number, maxRetries: number, stopOnError: boolean, ownFetch: boolean) => Bulk;
}

/** The machine of many commands. A place is a number below the concurrency. */
export interface Bulk {
  /** What to do, and 8 times what it is about. */
  next(now: number): number;
  /** @returns the place, or below 0 */
  pulled(workflow: number): number;
  noMore(): void;
  stop(): void;
  /** @returns whether the end is told */
  accepted(place: number, now: number): boolean;
  /** @returns whether the end is told: else it will be sent again */
  failed(place: number, code: string, unknown: boolean, afterMs: number, hasKey: boolean, now: number, chance: number): boolean;
  taken(place: number): void;
  /** @param of 0: accepted, 1: not executed, 2: unknown */
  count(of: number): number;
  free(): void;
}

/** Makes a new instance. */
export function createCore(module: WebAssembly.Module, guard: Guard): ClientCore;
