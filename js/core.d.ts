// The generated glue, as the loader uses it.

/** One instance of the module. What traps in it throws. */
export interface Core {
  sendWorkflowCommand(request: unknown): Promise<unknown>;
}

/** The names of two kinds of exports. */
export interface ExportKinds {
  /** The runtime calls them: timers, promises, listeners. */
  callbacks: readonly string[];
  /** The glue calls them while another export runs, or to pass arguments to one. */
  helpers: readonly string[];
}

/** Wraps the exports of a new instance. */
export type Guard = (exports: WebAssembly.Exports, kinds: ExportKinds) => Record<string, unknown>;

/** Makes a new instance. */
export function createCore(module: WebAssembly.Module, guard: Guard): Core;
