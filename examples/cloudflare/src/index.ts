// The Worker to deploy: the package's Worker with this project's sign-in and the page's configuration. The package serves:
//
//   POST /api/<organization>/campaign/workflow/execution/<id>/commands   sends a command; with `Prefer: respond-async`, queues it
//   GET  /api/<organization>/campaign/workflow/execution/<id>            the workflow, as Campaign shows it
//   POST …/activities/activity/<activity>/trigger/                       a signal, at the address that the workflow shows
//   GET  /api/<organization>/campaign/workflow/execution/<id>/history    the last 100 commands
//   POST /api/queue                                                      queues up to 100 commands
//   GET  …/execution/<id>/queue, …/dead                                  the queued commands; the dead commands
//   POST, DELETE …/execution/<id>/dead/<number>                          sends a dead command again; dismisses it
//   GET, DELETE /api/queue/<command>                                     a queued command's state; cancels it
//   GET  /api/workflows                                                  the workflows, and what the caller may do with each
//
// This file serves:
//
//   GET  /config.json                                                    the page's configuration
//   GET, POST /sign-in                                                   the demo's stand-in for a sign-in, if it is on

import { createWorker } from "campaign-workflow/cloudflare";
import { readAccess } from "./access";
import { authorize, type AuthorizeVariables } from "./authorize";
import { signIn } from "./demo-sign-in";
import { misconfigured, notStored } from "./problems";

export { WorkflowObject } from "campaign-workflow/cloudflare";

/** The variables of wrangler.jsonc, and those that are not in it: the secrets, and the demo's switch. */
type Variables = Env & AuthorizeVariables;

const worker = createWorker<Variables>({ authorize });

export default {
  ...worker,

  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === "/sign-in") return signIn(request, env);
    if (pathname === "/config.json") {
      const config = { organization: env.CAMPAIGN_ORGANIZATION, baseUrl: "/api" };
      return Response.json(config, { headers: notStored });
    }
    try {
      readAccess(env);
    } catch (error) {
      return misconfigured(error);
    }
    return worker.fetch(request, env, ctx);
  },
} satisfies ExportedHandler<Variables>;
