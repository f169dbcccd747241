/**
 * `campaign-workflow` without the inlined WebAssembly module: you pass it `campaign-workflow/core.wasm`. The README
 * compares the sizes. For `campaign-workflow/client`, use `campaign-workflow/client/slim`.
 */
import type { sendWorkflowCommand } from "./index.js";

export { WorkflowCommandError, isWorkflowCommandError } from "./index.js";
export type {
  AbortSignalLike,
  FetchLike,
  ResponseLike,
  WorkflowCommand,
  WorkflowCommandErrorCode,
  WorkflowCommandReceipt,
  WorkflowCommandRequest,
} from "./index.js";

/** A `WebAssembly.Module`. This name works without lib.dom. */
export type CompiledModule = object;

/**
 * Creates a client from your copy of `campaign-workflow/core.wasm`, which has to be from the same version of the
 * package.
 *
 * ```js
 * import { withModule } from "campaign-workflow/slim";
 *
 * const { sendWorkflowCommand } = withModule(() => WebAssembly.compileStreaming(fetch("/core.wasm")));
 * ```
 *
 * Create one client and keep it, because each has its own instance of the module.
 *
 * @param module The compiled module, or a function that returns it. The function is called at the first command, once
 *   for all concurrent callers. If it fails, or does not return a module, they reject with `internal` and
 *   `not-executed`, and the next command calls it again.
 */
export function withModule(module: CompiledModule | (() => CompiledModule | Promise<CompiledModule>)): {
  sendWorkflowCommand: typeof sendWorkflowCommand;
};
