// What the runtimes make of these imports; no declaration file can stand beside a name with a query.

declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}

// What of Cloudflare's platform the package itself uses, so that it needs no package of types.
declare module "cloudflare:workers" {
  export class DurableObject {
    constructor(ctx: any, env: any);
    protected ctx: any;
    protected env: any;
  }
}
