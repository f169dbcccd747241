// @ts-check
// Node, Deno, Bun, browsers and bundlers: the module is inlined, so no file has to be found.
import { defineClient } from "./workflow-client.js";
import { createCore } from "./client-core.js";
import wasm from "./client-core.wasm.js";
import { compileInlined } from "./inlined.js";

export { hasState, WorkflowCommandError, isWorkflowCommandError } from "./workflow-client.js";
export const { WorkflowClient, sendWorkflowCommand } = /* @__PURE__ */ defineClient(createCore, () =>
  compileInlined(wasm),
);
