/**
 * The module of `campaign-workflow/client` itself. What an import of it gives is up to the tool, as with
 * `campaign-workflow/core.wasm`. For `withModule` of `campaign-workflow/client/slim`.
 */
declare const module: any;
export default module;
