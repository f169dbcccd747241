// @ts-check
// Node, Deno, Bun and bundlers: the module is inlined, so no file has to be found.
import { defineGateway } from "./gateway-class.js";
import { createCore } from "./gateway-core.js";
import wasm from "./gateway-core.wasm.js";
import { compileInlinedNow } from "./inlined.js";

export const { createGateway, imsTokenProvider } = /* @__PURE__ */ defineGateway(createCore, () =>
  compileInlinedNow(wasm),
);
