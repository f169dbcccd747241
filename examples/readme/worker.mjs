// @ts-check
// #region
import { createGateway } from "campaign-workflow/gateway";
import { env } from "cloudflare:workers";

export default createGateway({
  organization: "acme-mkt-stage",
  credentials: { clientId: env.IMS_CLIENT_ID, clientSecret: env.IMS_CLIENT_SECRET, scope: env.IMS_SCOPE },
  workflows: { WKF42: ["start", "stop", "read"] },
  allowedOrigins: ["https://app.example.com"],
  authorize: async (request, { workflowId, command }) => mayUse(await userOf(request), workflowId, command), // yours
});
// #endregion

// The test's own: a user's name says what they may do.

/** @param {Request} request */
async function userOf(request) {
  return request.headers.get("authorization");
}

/** @param {string | null} user @param {string} workflowId @param {string} command */
function mayUse(user, workflowId, command) {
  return user === `Bearer ${workflowId} ${command}`;
}
