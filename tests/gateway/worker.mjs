// @ts-check
// The gateway in a Worker, as the tests set it up. Everything about the caller is decided by the Worker's own function.
import { sendWorkflowCommand } from "campaign-workflow";
import { createGateway } from "campaign-workflow/gateway";
import { authorize } from "./authorize.mjs";

/** @type {import("campaign-workflow/gateway").Gateway | undefined} */
let gateway;
/** @type {import("campaign-workflow/gateway").Gateway | undefined} */
let open;

export default {
  /** @param {Request} request @param {any} env */
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/latency/")) return Response.json(await call(pathname.slice("/latency/".length), env));
    gateway ??= createGateway({ ...env.OPTIONS, authorize });
    return gateway.fetch(request);
  },
};

/**
 * One call as a caller in this Worker makes it: of Campaign itself, or through a gateway.
 *
 * @param {string} way @param {any} env
 */
async function call(way, { OPTIONS: { organization, accessToken, apiKey, baseUrl, ...more } }) {
  const command = /** @type {const} */ ({ organization, workflowId: "WKF101", command: "start", maxRetries: 0 });
  if (way === "direct") return sendWorkflowCommand({ ...command, accessToken, apiKey, baseUrl });
  open ??= createGateway({ organization, accessToken, apiKey, baseUrl, ...more, authorize: () => true });
  const { fetch } = open;
  return sendWorkflowCommand({ ...command, baseUrl: "https://gateway.example", fetch: (url, init) => fetch(new Request(url, init)) });
}
