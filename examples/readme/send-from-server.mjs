// @ts-check
import { sendWorkflowCommand } from "campaign-workflow";

const { IMS_CLIENT_ID: clientId = "", IMS_CLIENT_SECRET: clientSecret = "", IMS_SCOPE: scope = "" } = process.env;

// #region
import { imsTokenProvider } from "campaign-workflow/gateway";

const accessToken = imsTokenProvider({ clientId, clientSecret, scope });
await sendWorkflowCommand({
  organization: "acme",
  workflowId: "WKF42",
  command: "start",
  accessToken,
  apiKey: clientId,
});
// #endregion
