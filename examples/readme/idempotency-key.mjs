// @ts-check
import { sendWorkflowCommand } from "campaign-workflow";

const baseUrl = "https://campaign.example.com";

// #region
await sendWorkflowCommand({
  organization: "acme",
  workflowId: "WKF42",
  command: "start",
  baseUrl,
  idempotencyKey: crypto.randomUUID(),
});
// #endregion
