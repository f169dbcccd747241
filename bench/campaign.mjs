// @ts-check
// Campaign for the measures of the Worker: the emulator over HTTP, as a process of its own. Its parent gets its address.

import { serveEmulator } from "campaign-workflow/emulator/node";

const { organization, token, key, workflows } = JSON.parse(process.argv[2] ?? "{}");
const server = await serveEmulator({
  organization,
  accessTokens: [token],
  apiKeys: [key],
  workflows: Array.from({ length: workflows }, (_, index) => ({ id: `WKF${index}` })),
  misfit: "accept",
  applyDelayMs: 0,
  historyLimit: 100,
});
process.send?.({ url: server.url });
process.on("disconnect", () => process.exit(0));
