// @ts-check
// The Cron Trigger: has the commands of the variable SCHEDULE sent. The key is made of the trigger's own time, so a trigger that
// is repeated sends nothing twice. Where an object does not answer, the queue keeps its command until it does.

import { objectFor } from "./ids.js";

/** @param {ScheduledController} trigger @param {Env} env */
export async function runSchedule({ cron, scheduledTime }, env) {
  const due = (env.SCHEDULE ?? []).filter((entry) => entry.cron === cron);
  const results = await Promise.allSettled(due.map((entry) => take(entry, `cron ${cron} ${scheduledTime} ${entry.command}`, env)));
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}

/** @param {ScheduledCommand} entry @param {string} key @param {Env} env */
async function take({ workflowId, command }, key, env) {
  const target = { organization: env.CAMPAIGN_ORGANIZATION, workflowId };
  if (!isListed(workflowId, command, env)) return console.error(`SCHEDULE has a command that WORKFLOWS does not list: ${workflowId} ${command}`);
  const order = { key, command, who: "schedule" };
  try {
    await objectFor(env, target).enqueue(target, order, 0);
  } catch (error) {
    console.error(`A scheduled command goes to the queue, as its object did not answer: ${error}`);
    await env.COMMANDS.send({ target, order }, { contentType: "json" });
  }
}

/** @param {string} workflowId @param {WorkflowCommand} command @param {Env} env */
function isListed(workflowId, command, { WORKFLOWS }) {
  if (!WORKFLOWS) return true;
  if (Array.isArray(WORKFLOWS)) return WORKFLOWS.includes(workflowId);
  return Object.hasOwn(WORKFLOWS, workflowId) && /** @type {any} */ (WORKFLOWS)[workflowId].includes(command);
}
