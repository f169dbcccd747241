// A Worker that sends a command to Campaign: by itself, or through a gateway in the same Worker.

import { sendWorkflowCommand } from "campaign-workflow";
import { createGateway } from "campaign-workflow/gateway";

let gateway;

export default {
  async fetch(request, { CONNECTION: { organization, accessToken, apiKey, baseUrl } }) {
    const command = { organization, workflowId: "WKF0", command: "start", maxRetries: 0 };
    if (new URL(request.url).pathname === "/directly")
      return Response.json(await sendWorkflowCommand({ ...command, accessToken, apiKey, baseUrl }));
    gateway ??= createGateway({ organization, accessToken, apiKey, baseUrl, authorize: () => true });
    const { fetch } = gateway;
    const receipt = await sendWorkflowCommand({
      ...command,
      baseUrl: "https://gateway.example",
      fetch: (url, init) => fetch(new Request(url, init)),
    });
    return Response.json(receipt);
  },
};
