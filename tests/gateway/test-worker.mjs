// @ts-check
// The gateway in a Worker, as the tests set it up. Everything about the caller is decided by the Worker's own function.
import { sendWorkflowCommand } from "campaign-workflow";
import { createGateway, imsTokenProvider } from "campaign-workflow/gateway";
import { authorize } from "./authorize.mjs";

/** @type {import("campaign-workflow/gateway").Gateway | undefined} */
let gateway;
/** @type {import("campaign-workflow/gateway").Gateway | undefined} */
let open;
/** @type {import("campaign-workflow/gateway").Gateway | undefined} */
let own;
/** What came of the commands that the Worker's own `send` has sent. @type {unknown[]} */
const outcomes = [];

export default {
  /** @param {Request} request @param {any} env @param {any} ctx */
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === "/outcomes") return Response.json(outcomes);
    if (pathname.startsWith("/sent/")) return (own ??= withOwnSend(env)).fetch(request, env, ctx);
    if (pathname.startsWith("/without-context/")) {
      open ??= createGateway({ ...env.OPTIONS, basePath: "/without-context", authorize });
      return open.fetch(request);
    }
    gateway ??= createGateway({ ...env.OPTIONS, authorize });
    return gateway.fetch(request, env, ctx);
  },
};

/** A gateway whose `send` notes what came of each command. @param {any} env */
function withOwnSend({ OPTIONS: { organization, baseUrl, credentials, timeoutMs } }) {
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
