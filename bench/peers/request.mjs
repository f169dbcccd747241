// @ts-check
// What the libraries leave to their user: the address, the headers, the body.

/** @param {import("../peers.mjs").Order} order */
export const address = ({ baseUrl, organization, workflowId }) =>
  `${baseUrl}/${encodeURIComponent(organization)}/campaign/workflow/execution/${encodeURIComponent(workflowId)}/commands`;

/** @param {import("../peers.mjs").Order} order */
export const headers = ({ accessToken, apiKey }) => ({
  Authorization: `Bearer ${accessToken}`,
  "Cache-Control": "no-cache",
  "Content-Type": "application/json",
  "X-Api-Key": apiKey,
});
