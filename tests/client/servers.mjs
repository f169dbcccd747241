// @ts-check
// The servers of the client's tests: a local Campaign, and the faulty server. Both log every request.

import assert from "node:assert/strict";
import { after } from "node:test";
import { isWorkflowCommandError, WorkflowClient, WorkflowCommandError } from "campaign-workflow/client";
import { serveEmulator } from "campaign-workflow/emulator/node";
import { FaultyServer } from "../support/faulty-server.mjs";

/** @typedef {import("campaign-workflow/client").WorkflowConnection} Connection */
/** @typedef {import("../support/faulty-server.mjs").Step} Step */

export const credentials = { accessToken: "local-token", apiKey: "local-key" };

/** A local Campaign, and a client of it. @param {import("campaign-workflow/emulator").CampaignEmulatorOptions} [options] @param {Partial<Connection>} [connection] */
export async function campaign(options, connection) {
  const server = await serveEmulator({ applyDelayMs: 0, ...options });
  after(() => server.close());
  const client = new WorkflowClient({
    organization: "acme-mkt-stage",
    ...credentials,
    baseUrl: server.url,
    ...connection,
  });
  const { emulator } = server;
  return {
    client,
    emulator,
    url: server.url,
    /** Its requests: the method, and the command or the last part of the path. */
    requests: async () =>
      (await emulator.log()).map(
        ({ method, path, command }) => `${method} ${command ?? path.split("/").filter(Boolean).at(-1)}`,
      ),
    log: () => emulator.log(),
    /** @param {string} id */
    workflow: async (id) => {
      const found = (await emulator.workflows()).find((workflow) => workflow.id === id);
      assert.ok(found);
      return found;
    },
  };
}

/** A faulty server for one test, and a client of it. @param {Partial<Connection>} [connection] */
export async function faulty(connection) {
  const server = await new FaultyServer().listen();
  after(() => server.close());
  return {
    server,
    client: new WorkflowClient({ organization: "acme", ...credentials, baseUrl: server.url, ...connection }),
  };
}

/** The names under which the faulty server scripts a GET of a workflow and a trigger: the last but one part of their paths. */
export const GET = "execution";
export const TRIGGER = "trigger";

/** @param {unknown} value @returns {Step} */
export const json = (value) => (reply) =>
  reply.respond(200, { headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) });

/** The error of a call that has to fail. @param {Promise<unknown>} call @returns {Promise<WorkflowCommandError>} */
export async function failure(call) {
  const error = await call.then(
    () => assert.fail("it did not fail"),
    (error) => error,
  );
  assert.ok(isWorkflowCommandError(error), String(error));
  assert.ok(error instanceof WorkflowCommandError);
  for (const text of [error.message, error.stack, error.body, String(error.cause)]) {
    for (const secret of Object.values(credentials)) assert.ok(!text?.includes(secret), `a credential is in: ${text}`);
  }
  return error;
}
