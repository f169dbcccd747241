// @ts-check
// What Adobe wants to see of whoever reads or signals. The token provider is kept for as long as the isolate lives.

import { imsTokenProvider } from "campaign-workflow/cloudflare";

/** @type {ReturnType<typeof imsTokenProvider> | undefined} */
let provider;

/** @param {Env} env */
export function credentialsOf(env) {
  const { ACCESS_TOKEN, API_KEY, IMS_TOKEN_URL } = env;
  const { IMS_CLIENT_ID: clientId = "", IMS_CLIENT_SECRET: clientSecret = "", IMS_SCOPE: scope = "" } = env;
  if (ACCESS_TOKEN) return { accessToken: ACCESS_TOKEN, apiKey: API_KEY ?? clientId };
  provider ??= imsTokenProvider({ clientId, clientSecret, scope, tokenUrl: IMS_TOKEN_URL });
  return { accessToken: provider, apiKey: clientId };
}
