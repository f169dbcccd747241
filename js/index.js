// @ts-check
// Node, Deno, Bun, browsers and bundlers: the module is inlined, so no file has to be found.
import { compileInlined } from "./inlined.js";
import { createClient } from "./loader.js";
import wasm from "./core.wasm.js";

export { WorkflowCommandError, isWorkflowCommandError } from "./errors.js";
export const sendWorkflowCommand = /* @__PURE__ */ createClient(() => compileInlined(wasm));
