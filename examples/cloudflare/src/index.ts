// The Worker to deploy: the package's, with this project's sign-in and the page's configuration. The package serves:
//
//   POST /api/<organization>/campaign/workflow/execution/<id>/commands   a command; `Prefer: respond-async` takes it for later
//   GET  /api/<organization>/campaign/workflow/execution/<id>            the workflow, as Campaign shows it
//   POST …/activities/activity/<activity>/trigger/                       a signal, at the address that the workflow shows
//   GET  /api/<organization>/campaign/workflow/execution/<id>/history    the last 100 commands
//   POST /api/queue                                                      up to 100 commands for later
//   GET  …/execution/<id>/queue, …/dead                                  what waits; what has failed and waits for an operator
//   POST, DELETE …/execution/<id>/dead/<number>                          sends a dead command again; dismisses it
//   GET, DELETE /api/queue/<command>                                     what became of one; cancels it
//   GET  /api/workflows                                                  the workflows, and what the caller may do with each
//
// and this file:
//
//   GET  /config.json                                                    what the page needs to know
//   GET, POST /sign-in                                                   the demo's stand-in, only where it is switched on

import { createWorker } from "campaign-workflow/cloudflare";
import { readAccess } from "./access";
import { authorize, type AuthorizeVariables } from "./authorize";
import { signIn } from "./demo-sign-in";
import { misconfigured } from "./problems";

export { WorkflowObject } from "campaign-workflow/cloudflare";

/** What wrangler.jsonc has, and what stands elsewhere: secrets, and the demo's switch. */
type Variables = Env & AuthorizeVariables;

const worker = createWorker<Variables>({ authorize });

export default {
  ...worker,

  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === "/sign-in") return signIn(request, env);
    if (pathname === "/config.json") {
      const config = { organization: env.CAMPAIGN_ORGANIZATION, baseUrl: "/api" };
      return Response.json(config, { headers: { "cache-control": "no-store", "x-content-type-options": "nosniff" } });
    }
    try {
      readAccess(env);
    } catch (error) {
      return misconfigured(error);
    }
    return worker.fetch(request, env, ctx);
  },
} satisfies ExportedHandler<Variables>;
