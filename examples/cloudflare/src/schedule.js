// @ts-check
// The Cron Trigger: puts the commands of the variable SCHEDULE into the queue. The key is made of the trigger's own time, so a
// trigger that is repeated sends nothing twice.

import { workflowObject } from "./workflow.js";

const tries = 3;

/** @param {ScheduledController} trigger @param {Env} env */
export async function runSchedule({ cron, scheduledTime }, env) {
  const due = (env.SCHEDULE ?? []).filter((entry) => entry.cron === cron);
  const results = await Promise.allSettled(due.map((entry) => enqueue(entry, `cron ${cron} ${scheduledTime} ${entry.command}`, env)));
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}

/** @param {ScheduledCommand} entry @param {string} key @param {Env} env */
async function enqueue({ workflowId, command }, key, env) {
  const target = { organization: env.CAMPAIGN_ORGANIZATION, workflowId };
  for (let tried = 1; ; tried += 1) {
    try {
      return await workflowObject(env, target).enqueue(target, { key, command, who: "schedule" }, 0);
    } catch (error) {
      if (tried === tries) throw error;
    }
  }
}
