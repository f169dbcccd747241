// @ts-check
// Vercel's edge runtime, and Next.js edge routes, want the query.
import { defineClient } from "./client-class.js";
import { createCore } from "./client-core.js";
import module from "./client-core.wasm?module";

export { hasState } from "./client-wait.js";
export { WorkflowCommandError, isWorkflowCommandError } from "./errors.js";
export const { WorkflowClient, sendWorkflowCommand } = /* @__PURE__ */ defineClient(createCore, async () => module);
