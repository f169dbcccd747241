// @ts-check
// What a Worker on Cloudflare needs, of one module: the gateway, and the object of a workflow.
import { createCore } from "./cloudflare-core.js";
import module from "./cloudflare-core.wasm";
import { defineGateway } from "./gateway-class.js";

export { WorkflowObject } from "./workflow-object.js";
export const { createGateway, imsTokenProvider } = /* @__PURE__ */ defineGateway(createCore, () => module);
