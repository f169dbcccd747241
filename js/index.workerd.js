// @ts-check
// Cloudflare Workers compile modules only at deployment.
import { createClient } from "./loader.js";
import module from "./core.wasm";

export { WorkflowCommandError, isWorkflowCommandError } from "./errors.js";
export const sendWorkflowCommand = /* @__PURE__ */ createClient(async () => module);
