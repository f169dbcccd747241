/**
 * `campaign-workflow/client` without the inlined WebAssembly module: you pass it `campaign-workflow/client-core.wasm`.
 */
import type { sendWorkflowCommand, WorkflowClient } from "./client.js";
import type { CompiledModule } from "./slim.js";

export { hasState, isWorkflowCommandError, WorkflowCommandError } from "./client.js";
export type * from "./client.js";
export type { CompiledModule } from "./slim.js";

/**
 * Creates the client from your copy of `campaign-workflow/client-core.wasm`, which has to be from the same version of
 * the package.
 *
 * ```js
 * import { withModule } from "campaign-workflow/client/slim";
 *
 * const { WorkflowClient } = withModule(() => WebAssembly.compileStreaming(fetch("/client-core.wasm")));
 * const client = new WorkflowClient({ organization: "acme", baseUrl: "https://campaign.example.com" });
 * ```
 *
 * Call it once and keep the result: all clients of one class share an instance of the module.
 *
 * @param module The compiled module, or a function that returns it, which is called at the first call. As for
 *   `withModule` of `campaign-workflow/slim`.
 */
export function withModule(module: CompiledModule | (() => CompiledModule | Promise<CompiledModule>)): {
  WorkflowClient: typeof WorkflowClient;
  sendWorkflowCommand: typeof sendWorkflowCommand;
};
