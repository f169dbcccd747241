// @ts-check
// What every runtime does with `campaign-workflow/client`, and reports as JSON, with the workflows of scenario.mjs.

import {
  accessToken,
  apiKey,
  firstStarts,
  nameOf,
  organization,
  rejectionOf,
  signalled,
  unknown,
  workflows,
} from "./scenario.mjs";

/** @typedef {typeof import("campaign-workflow/client")} Client */
/** @typedef {Awaited<ReturnType<typeof clientScenario>>} ClientReport */

/** The first is started and read; the others get their commands by `sendAll`. */
export const [first, ...others] = workflows;

/** The content of the signal, and its JSON. */
const content = { source: "consumer", parameters: { count: 3, at: new Date(0) } };
export const signalBody = JSON.stringify({
  source: "consumer",
  parameters: { count: 3, at: "1970-01-01T00:00:00.000Z" },
});

/** @param {{ imported: string[], client: Client }} package_ @param {string} baseUrl */
export async function clientScenario({ imported, client: entry }, baseUrl) {
  const { WorkflowClient, sendWorkflowCommand, hasState } = entry;
  const connection = { organization, accessToken, apiKey, baseUrl };
  const client = new WorkflowClient(connection);
  const rejection = (/** @type {() => Promise<unknown>} */ call) => rejectionOf(entry, call);

  const invalid = /** @type {any} */ ("restart");
  const started = await firstStarts(() => rejection(() => client.send(first.id, invalid)));

  const receipt = await client.start(first.id, { confirm: hasState("Started"), intervalMs: 50 });
  const waitedFor = await client.waitFor(first.id, hasState("Started"));
  const read = await client.get(signalled.id);
  const signal = await client.signal(signalled.id, signalled.signal, content);
  const commands = others.map((workflow) => ({ workflowId: nameOf(workflow), command: workflow.command }));
  const sent = await all(client.sendAll(commands, { concurrency: 2 }));
  const refused = await rejection(() =>
    sendWorkflowCommand({ ...connection, workflowId: unknown.id, command: unknown.command }),
  );
  // The predicate closes the client during the wait.
  const closed = await rejection(() => client.waitFor(signalled.id, () => (client.close(), false)));
  const afterClose = await rejection(() => client.get(signalled.id));
  return { imported, ...started, receipt, waitedFor, read, signal, sent, refused, closed, afterClose };
}

/** @param {import("campaign-workflow/client").BulkResults} results */
async function all(results) {
  const accepted = [];
  for await (const { index, receipt } of results) accepted.push({ index, attempts: receipt?.attempts ?? null });
  return { accepted: accepted.sort((a, b) => a.index - b.index), summary: await results.summary };
}
