// @ts-check
// Vercel's edge runtime and Next.js edge routes require the query.
import { defineGateway } from "./gateway-class.js";
import { createCore } from "./gateway-core.js";
import module from "./gateway-core.wasm?module";

export const { createGateway, imsTokenProvider } = /* @__PURE__ */ defineGateway(createCore, () => module);
