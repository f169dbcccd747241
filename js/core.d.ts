// The generated glue, as the loader uses it.

/** One instance of the module. What traps in it throws. */
export interface Core {
  sendWorkflowCommand(request: unknown): Promise<unknown>;
}

/**
 * Wraps the exports of a new instance. `callbacks` names those that the runtime calls: timers, promises, listeners.
 */
export type Guard = (exports: WebAssembly.Exports, callbacks: readonly string[]) => Record<string, unknown>;

/** Makes a new instance. */
export function createCore(module: WebAssembly.Module, guard: Guard): Core;
