// @ts-check
// Cloudflare Workers compile modules only at deployment.
import { defineEmulator } from "./emulator-class.js";
import module from "./emulator-core.wasm";

export const CampaignEmulator = /* @__PURE__ */ defineEmulator(async () => module);
