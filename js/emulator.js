// @ts-check
// Node, Deno, Bun, browsers and bundlers: the module is inlined, so no file has to be found.
import { defineEmulator } from "./emulator-class.js";
import wasm from "./emulator-core.wasm.js";
import { compileInlined } from "./inlined.js";

export const CampaignEmulator = /* @__PURE__ */ defineEmulator(() => compileInlined(wasm));
