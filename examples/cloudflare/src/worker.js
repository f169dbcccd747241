// @ts-check
// The Worker: requests, messages of the queue, and cron triggers.
//
//   POST /api/<organization>/campaign/workflow/execution/<id>/commands   a command; `Prefer: respond-async` queues it
//   GET  /api/<organization>/campaign/workflow/execution/<id>            the workflow, as Campaign shows it
//   POST …/activities/activity/<activity>/trigger/                       a signal, at the address that the workflow shows
//   GET  /api/<organization>/campaign/workflow/execution/<id>/history    the last 100 commands
//   POST /api/queue                                                      up to 100 commands for the queue
//   GET  /api/queue/<command>                                            what became of one
//   GET  /api/workflows                                                  the workflows, and what who asks may do with each
//   GET  /config.json                                                    what the page needs to know
//   GET, POST /sign-in                                                   the demo's stand-in, only where it is switched on

import { bulk } from "./bulk.js";
import { signIn } from "./demo-sign-in.js";
import { basePath, gatewayFor } from "./door.js";
import { lookAtCommand, lookAtHistory } from "./look.js";
import { notFound, problemResponse } from "./problems.js";
import { consume } from "./queue.js";
import { runSchedule } from "./schedule.js";
import { listWorkflows } from "./workflow-list.js";

export { WorkflowObject } from "campaign-workflow/cloudflare";

const historyPath = new RegExp(`^${basePath}/([^/]+)/campaign/workflow/execution/([^/]+)/history$`);
const commandPath = new RegExp(`^${basePath}/queue/([\\w-]{1,2000})$`);

export default {
  /** @param {Request} request @param {Env} env @param {ExecutionContext} ctx @returns {Promise<Response>} */
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === "/config.json") return Response.json({ organization: env.CAMPAIGN_ORGANIZATION, baseUrl: basePath });
    if (pathname === "/sign-in") return signIn(request, env);
    if (!pathname.startsWith(`${basePath}/`)) return problemResponse(notFound);
    if (pathname === `${basePath}/workflows`) return listWorkflows(request, env);
    const [, id] = commandPath.exec(pathname) ?? [];
    if (id) return lookAtCommand(request, env, id);
    const [, organization, workflowId] = historyPath.exec(pathname) ?? [];
    if (organization && workflowId) {
      return lookAtHistory(request, env, { organization: decode(organization), workflowId: decode(workflowId) });
    }
    return pathname === `${basePath}/queue` ? bulk(request, env, ctx) : gatewayFor(request, env).fetch(request, env, ctx);
  },

  /** @param {MessageBatch<ScheduledOrder>} batch @param {Env} env */
  queue: consume,

  /** @param {ScheduledController} trigger @param {Env} env */
  scheduled: runSchedule,
};

/** @param {string} part of a path */
function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}
