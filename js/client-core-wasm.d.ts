/**
 * The WebAssembly module of `campaign-workflow/client`, for `withModule` of `campaign-workflow/client/slim`. What an
 * import returns depends on the tool, as for `campaign-workflow/core.wasm`.
 */
declare const module: any;
export default module;
