// @ts-check
// The caller brings the module: nothing is inlined here, and nothing is looked for.
import { defineClient } from "./workflow-client.js";
import { createCore } from "./client-core.js";

export { hasState, WorkflowCommandError, isWorkflowCommandError } from "./workflow-client.js";

/** @type {typeof import("./client-slim.js").withModule} */
export function withModule(module) {
  return defineClient(createCore, async () => /** @type {any} */ (typeof module === "function" ? module() : module));
}
