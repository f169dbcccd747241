// @ts-check
// #region
import { sendWorkflowCommand } from "campaign-workflow";

try {
  const receipt = await sendWorkflowCommand({
    organization: "acme-mkt-stage",
    workflowId: "WKF42",
    command: "start",
    baseUrl: "https://campaign.example.com", // your gateway; see below
  });
  console.log("accepted", receipt.requestId);
} catch (error) {
  console.error(error.code, error.outcome, error.hint);
}
// #endregion
