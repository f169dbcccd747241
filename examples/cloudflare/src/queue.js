// @ts-check
// The queue's consumer: commands of the schedule whose object did not answer. Their keys make sure that none is taken twice.

import { objectFor } from "./ids.js";

/** @param {MessageBatch<ScheduledOrder>} batch @param {Env} env */
export async function consume(batch, env) {
  await Promise.all(batch.messages.map((message) => deliver(message, env)));
}

/** @param {Message<ScheduledOrder>} message @param {Env} env */
async function deliver(message, env) {
  try {
    const { target, order, object } = message.body;
    // A message of an earlier version names an object. It has the command, and once it is awake it has an alarm for it.
    if (object) await env.WORKFLOWS_BY_ID.get(env.WORKFLOWS_BY_ID.idFromString(object)).history();
    else await objectFor(env, target).enqueue(target, order, 0);
    message.ack();
  } catch (error) {
    console.error(`A scheduled command is still not taken: ${error}`);
    message.retry({ delaySeconds: 10 });
  }
}
