// @ts-check
// The caller provides the module, so nothing is inlined.
import { defineClient } from "./workflow-client.js";
import { createCore } from "./client-core.js";

export { hasState, WorkflowCommandError, isWorkflowCommandError } from "./workflow-client.js";

/** @type {typeof import("./client-slim.js").withModule} */
export function withModule(module) {
  return defineClient(createCore, async () => /** @type {any} */ (typeof module === "function" ? module() : module));
}
