// @ts-check
import { init } from "@adobe/aio-lib-campaign-standard";

/** @type {Promise<any> | undefined} */
let client;

/** @param {import("../peers.mjs").Order} order */
export async function send({ organization, workflowId, command, accessToken, apiKey, baseUrl }) {
  client ??= init(organization, apiKey, accessToken);
  const { sdk } = await client;
  // It knows no other host than Adobe's.
  sdk.spec.servers = [
    { url: `${baseUrl}/{ORGANIZATION}/campaign`, variables: { ORGANIZATION: { default: organization } } },
  ];
  return (await client).controlWorkflow(workflowId, command);
}
