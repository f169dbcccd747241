// Modules that only a bundler or Cloudflare has.

declare module "*.wasm?url" {
  const url: string;
  export default url;
}

declare module "cloudflare:workers" {
  export const env: { IMS_CLIENT_ID: string; IMS_CLIENT_SECRET: string; IMS_SCOPE: string };
}
