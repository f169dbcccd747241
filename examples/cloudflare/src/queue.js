// @ts-check
// The queue's consumer. A message only says that a command is due: the workflow's object has it, sends it, and knows whether
// that was done already. So a queue that delivers a message twice sends nothing twice.

/** @param {MessageBatch<QueuedCommand>} batch @param {Env} env */
export async function consume(batch, env) {
  await Promise.all(batch.messages.map((message) => deliver(message, env)));
}

/** @param {Message<QueuedCommand>} message @param {Env} env */
async function deliver(message, env) {
  try {
    const { object, seq } = message.body;
    // A message of an earlier version has a key in its place. The object puts that command into the queue again.
    const again = seq === undefined ? null : await env.WORKFLOWS_BY_ID.get(env.WORKFLOWS_BY_ID.idFromString(object)).runQueued(seq);
    if (again === null) message.ack();
    else message.retry({ delaySeconds: Math.ceil(again / 1000) });
  } catch {
    // The object was lost on the way; what became of the command it knows when it is asked again.
    message.retry({ delaySeconds: 1 });
  }
}
