// @ts-check
// The emulator over HTTP as its own process, so that its work is not the measured client's. The parent process gets its address.

import { serveEmulator } from "campaign-workflow/emulator/node";

const { organization, accessToken, apiKey, workflows } = JSON.parse(process.argv[2] ?? "{}");
const server = await serveEmulator({
  organization,
  accessTokens: [accessToken],
  apiKeys: [apiKey],
  workflows: Array.from({ length: workflows }, (_, index) => ({ id: `WKF${index}` })),
  invalidTransition: "accept",
  applyDelayMs: 0,
  historyLimit: 100,
});
process.send?.({ url: server.url });
process.on("disconnect", () => process.exit(0));
