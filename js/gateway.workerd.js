// @ts-check
// Cloudflare Workers compile modules only when the Worker is deployed.
import { defineGateway } from "./gateway-class.js";
import module from "./gateway-core.wasm";

export const { createGateway, imsTokenProvider } = /* @__PURE__ */ defineGateway(() => module);
