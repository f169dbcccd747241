// @ts-check
// Cloudflare Workers compile modules only when the Worker is deployed.
import { createClient } from "./loader.js";
import module from "./core.wasm";

export { WorkflowCommandError, isWorkflowCommandError } from "./errors.js";
export const sendWorkflowCommand = /* @__PURE__ */ createClient(async () => module);
