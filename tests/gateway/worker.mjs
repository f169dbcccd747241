// @ts-check
// The gateway in a Worker, as the tests set it up. Everything about the caller is decided by the Worker's own function.
import { createGateway } from "campaign-workflow/gateway";
import { authorize } from "./authorize.mjs";
import { sendWorkflowCommand } from "campaign-workflow";

/** @type {import("campaign-workflow/gateway").Gateway | undefined} */
let gateway;

export default {
  /** @param {Request} request @param {any} env */
  async fetch(request, env) {
    if (new URL(request.url).pathname === "/latency") return Response.json(await latency(env, Number(new URL(request.url).searchParams.get("calls"))));
    gateway ??= createGateway({ ...env.OPTIONS, authorize });
    return gateway.fetch(request);
  },
};

/** Direct calls and calls through the gateway in turn, each timed by the caller that it has in this Worker. @param {any} env @param {number} calls */
async function latency(env, calls) {
  const { organization, accessToken, apiKey, baseUrl } = env.OPTIONS;
  const through = createGateway({ ...env.OPTIONS, authorize: () => true });
  const command = /** @type {const} */ ({ organization, workflowId: "WKF101", command: "start", maxRetries: 0 });
  /** @type {{ direct: number[], gateway: number[] }} */
  const times = { direct: [], gateway: [] };
  for (let call = 0; call < calls; call += 1) {
    /** @type {("direct" | "gateway")[]} */
    const ways = call % 2 ? ["direct", "gateway"] : ["gateway", "direct"];
    for (const way of ways) {
      const more = way === "direct" ? { accessToken, apiKey, baseUrl } : { baseUrl: "https://gateway.example", fetch: (/** @type {string} */ url, /** @type {any} */ init) => through.fetch(new Request(url, init)) };
      const begun = performance.now();
      await sendWorkflowCommand({ ...command, ...more });
      times[way].push(performance.now() - begun);
    }
  }
  return times;
}
