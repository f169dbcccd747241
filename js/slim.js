// @ts-check
// The caller provides the module, so nothing is inlined.
import { createClient } from "./loader.js";

export { WorkflowCommandError, isWorkflowCommandError } from "./errors.js";

/** @type {typeof import("./slim.js").withModule} */
export function withModule(module) {
  return {
    sendWorkflowCommand: createClient(
      async () => /** @type {any} */ (typeof module === "function" ? module() : module),
    ),
  };
}
