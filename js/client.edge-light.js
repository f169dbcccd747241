// @ts-check
// Vercel's edge runtime and Next.js edge routes require the query.
import { defineClient } from "./workflow-client.js";
import { createCore } from "./client-core.js";
import module from "./client-core.wasm?module";

export { hasState, WorkflowCommandError, isWorkflowCommandError } from "./workflow-client.js";
export const { WorkflowClient, sendWorkflowCommand } = /* @__PURE__ */ defineClient(createCore, async () => module);
