// @ts-check
// Cloudflare Workers compile modules only at deployment.
import { defineGateway } from "./gateway-class.js";
import { createCore } from "./gateway-core.js";
import module from "./gateway-core.wasm";

export const { createGateway, imsTokenProvider } = /* @__PURE__ */ defineGateway(createCore, () => module);
