/**
 * `campaign-workflow/client` for those who bring the WebAssembly module themselves: `campaign-workflow/client-core.wasm`, as a
 * file of its own instead of inlined.
 */
import type { sendWorkflowCommand, WorkflowClient } from "./client.js";
import type { CompiledModule } from "./slim.js";

export { hasState, isWorkflowCommandError, WorkflowCommandError } from "./client.js";
export type * from "./client.js";
export type { CompiledModule } from "./slim.js";

/**
 * The client over your copy of `campaign-workflow/client-core.wasm`, which has to be of this very version of the package.
 *
 * ```js
 * import { withModule } from "campaign-workflow/client/slim";
 *
 * const { WorkflowClient } = withModule(() => WebAssembly.compileStreaming(fetch("/client-core.wasm")));
 * const client = new WorkflowClient({ organization: "acme", baseUrl: "https://campaign.example.com" });
 * ```
 *
 * Call it once and keep what it gives: all clients of one class share an instance of the module.
 *
 * @param module As for `withModule` of `campaign-workflow/slim`: the compiled module, or a function that gives it, which is called
 *   at the first call.
 */
export function withModule(module: CompiledModule | (() => CompiledModule | Promise<CompiledModule>)): {
  WorkflowClient: typeof WorkflowClient;
  sendWorkflowCommand: typeof sendWorkflowCommand;
};
