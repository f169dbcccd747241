// @ts-check
import { commandFields, createModuleCalls, snapshot } from "./module-calls.js";
import { createCore } from "./core.js";

/**
 * Creates `sendWorkflowCommand` over a module that is compiled and started at the first call.
 *
 * @param {() => Promise<WebAssembly.Module>} compile
 * @returns {(request: any) => Promise<any>}
 */
export function createClient(compile) {
  const { call } = createModuleCalls(createCore, compile);
  return async (request) => call("sendWorkflowCommand", snapshot(request, commandFields));
}
