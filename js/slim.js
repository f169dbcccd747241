// @ts-check
// The caller brings the module: nothing is inlined here, and nothing is looked for.
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
