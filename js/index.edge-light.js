// @ts-check
// Vercel's edge runtime and Next.js edge routes require the query.
import { createClient } from "./loader.js";
import module from "./core.wasm?module";

export { WorkflowCommandError, isWorkflowCommandError } from "./errors.js";
export const sendWorkflowCommand = /* @__PURE__ */ createClient(async () => module);
