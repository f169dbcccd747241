// @ts-check
// The Worker to deploy: the package's, with this project's own sign-in.
//
//   POST /api/<organization>/campaign/workflow/execution/<id>/commands   a command; `Prefer: respond-async` takes it for later
//   GET  /api/<organization>/campaign/workflow/execution/<id>            the workflow, as Campaign shows it
//   POST …/activities/activity/<activity>/trigger/                       a signal, at the address that the workflow shows
//   GET  /api/<organization>/campaign/workflow/execution/<id>/history    the last 100 commands
//   POST /api/queue                                                      up to 100 commands for later
//   GET, DELETE /api/queue/<command>                                     what became of one; calls it off
//   GET  /api/workflows                                                  the workflows, and what who asks may do with each
//   GET  /config.json                                                    what the page needs to know
//   GET, POST /sign-in                                                   the demo's stand-in, only where it is switched on

import { createWorker } from "campaign-workflow/cloudflare";
import { whoMay } from "./authorize.js";
import { signIn } from "./demo-sign-in.js";

export { WorkflowObject } from "campaign-workflow/cloudflare";

const worker = createWorker({ authorize: whoMay });

export default {
  ...worker,

  /** @param {Request} request @param {Env} env @param {any} ctx @returns {Promise<Response>} */
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === "/config.json") return Response.json({ organization: env.CAMPAIGN_ORGANIZATION, baseUrl: "/api" });
    return pathname === "/sign-in" ? signIn(request, env) : worker.fetch(request, env, ctx);
  },
};
