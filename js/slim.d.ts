/**
 * The same package for those who bring the WebAssembly module themselves: `campaign-workflow/core.wasm`,
 * as a file of its own instead of inlined. The README tells the size of each way. For
 * `campaign-workflow/client` there is `campaign-workflow/client/slim`.
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

/** A `WebAssembly.Module`, under a name that needs no lib.dom. */
export type CompiledModule = object;

/**
 * A client over your copy of `campaign-workflow/core.wasm`, which has to be of this very version of the package.
 *
 * ```js
 * import { withModule } from "campaign-workflow/slim";
 *
 * const { sendWorkflowCommand } = withModule(() => WebAssembly.compileStreaming(fetch("/core.wasm")));
 * ```
 *
 * Make one client and keep it: each has an instance of the module of its own.
 *
 * @param module The compiled module, or a function that gives it. The function is called at the first command, once for
 *   all concurrent callers; where it fails, or what it gives is no module, they reject with `internal` and
 *   `not-executed`, and the next command calls it again. Nothing happens before the first command.
 */
export function withModule(module: CompiledModule | (() => CompiledModule | Promise<CompiledModule>)): {
  sendWorkflowCommand: typeof sendWorkflowCommand;
};
