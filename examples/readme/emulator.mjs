// @ts-check
import { sendWorkflowCommand } from "campaign-workflow";

const request = /** @type {const} */ ({
  organization: "acme-mkt-stage",
  workflowId: "WKF101",
  command: "start",
  accessToken: "local-token",
  apiKey: "local-key",
});

// #region
import { CampaignEmulator } from "campaign-workflow/emulator";

const campaign = new CampaignEmulator({ applyDelayMs: 0 });
await campaign.addFault({ kind: "throttled", retryAfterSeconds: 1 });
await sendWorkflowCommand({
  ...request,
  baseUrl: "http://localhost",
  fetch: (url, init) => campaign.fetch(new Request(url, init)),
});
console.log(await campaign.log());
// #endregion
