// @ts-check
// Cloudflare Workers compile modules only when the Worker is deployed.
import { defineGateway } from "./gateway-class.js";
import module from "./gateway-core.wasm";
import { sendWorkflowCommand } from "./index.workerd.js";

export const { createGateway, imsTokenProvider } = /* @__PURE__ */ defineGateway(() => module, sendWorkflowCommand);
