/**
 * The WebAssembly module, for `withModule` of `campaign-workflow/slim`. What an import returns depends on the tool: a
 * `WebAssembly.Module` in Cloudflare Workers, a URL with esbuild's file loader.
 */
declare const module: any;
export default module;
