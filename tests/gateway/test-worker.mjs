// @ts-check
// The Worker of the gateway's tests.
import { sendWorkflowCommand } from "campaign-workflow";
import { createGateway, imsTokenProvider } from "campaign-workflow/gateway";
import { authorize } from "./authorize.mjs";

/** @type {import("campaign-workflow/gateway").Gateway | undefined} */
let gateway;
/** @type {import("campaign-workflow/gateway").Gateway | undefined} */
let withoutContext;
/** @type {import("campaign-workflow/gateway").Gateway | undefined} */
let withSend;
/** The results of that gateway's `send`. @type {unknown[]} */
const outcomes = [];

export default {
  /** @param {Request} request @param {any} env @param {any} ctx */
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === "/outcomes") return Response.json(outcomes);
    if (pathname.startsWith("/sent/")) return (withSend ??= gatewayWithSend(env)).fetch(request, env, ctx);
    if (pathname.startsWith("/without-context/")) {
      withoutContext ??= createGateway({ ...env.OPTIONS, basePath: "/without-context", authorize });
      return withoutContext.fetch(request);
    }
    gateway ??= createGateway({ ...env.OPTIONS, authorize });
    return gateway.fetch(request, env, ctx);
  },
};

/** A gateway whose `send` records the status of each receipt. @param {any} env */
function gatewayWithSend({ OPTIONS: { organization, baseUrl, credentials, timeoutMs } }) {
  const accessToken = imsTokenProvider(credentials);
  return createGateway({
    organization,
    timeoutMs,
    authorize,
    basePath: "/sent",
    send: async ({ workflowId, command, timeoutMs }) => {
      const receipt = await sendWorkflowCommand({
        organization,
        workflowId,
        command,
        accessToken,
        apiKey: credentials.clientId,
        baseUrl,
        timeoutMs,
      });
      outcomes.push(receipt.status);
      return receipt;
    },
  });
}
