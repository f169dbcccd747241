/**
 * The module itself. What an import of it gives is up to the tool: a `WebAssembly.Module` in Cloudflare Workers, an address
 * with esbuild's file loader. For `withModule` of `campaign-workflow/slim`.
 */
declare const module: any;
export default module;
