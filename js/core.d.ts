// The generated glue, as the loader uses it.

/** One instance of the module. What traps in it throws. */
export interface Core {
  sendWorkflowCommand(request: unknown, wake: Wake): Promise<unknown>;
  wake: Wake;
}

/** Tells a task that something happened, and lets it go on. */
export type Wake = (task: number, note: number, value: unknown) => void;

/** Makes a new instance. */
export function createCore(module: WebAssembly.Module): Core;
