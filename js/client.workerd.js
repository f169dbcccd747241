// @ts-check
// Cloudflare Workers compile modules only at deployment.
import { defineClient } from "./workflow-client.js";
import { createCore } from "./client-core.js";
import module from "./client-core.wasm";

export { hasState, WorkflowCommandError, isWorkflowCommandError } from "./workflow-client.js";
export const { WorkflowClient, sendWorkflowCommand } = /* @__PURE__ */ defineClient(createCore, async () => module);
