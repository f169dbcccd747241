// @ts-check
// Vercel's edge runtime and Next.js edge routes require the query.
import { defineEmulator } from "./emulator-class.js";
import module from "./emulator-core.wasm?module";

export const CampaignEmulator = /* @__PURE__ */ defineEmulator(async () => module);
