// @ts-check
// Runs a scenario in front of a local Campaign, and checks its report against Campaign's log.

import assert from "node:assert/strict";
import { checkClient } from "./check-client-report.mjs";
import { concurrent, guarded, nameOf, organization, signalled, unknown, workflows } from "./consumer/scenario.mjs";
import { hasGateway } from "./project.mjs";
import { addressOf, checkRequest, refusal } from "./check-request.mjs";

/** @typedef {import("./consumer/scenario.mjs").Report} Report */
/** @typedef {import("./consumer/client-scenario.mjs").ClientReport} ClientReport */
/** @typedef {Awaited<ReturnType<typeof serveCampaign>>} Campaign */

/**
 * Serves a Campaign below `/campaign`. Other paths are for files of the runtime.
 * @param {(request: Request) => Response | Promise<Response>} [others]
 */
export async function serveCampaign(others) {
  // Imported late, because it may have to be built first.
  const { serveEmulator } = await import("campaign-workflow/emulator/node");
  const { url, emulator, close } = await serveEmulator({
    organization,
    workflows: [
      ...[...workflows, guarded].map(({ command: _command, segment: _segment, ...workflow }) => workflow),
      { id: signalled.id, state: signalled.state, signals: [{ name: signalled.signal }] },
    ],
    applyDelayMs: 0,
    other: (request) => (new URL(request.url).pathname.startsWith("/campaign/") ? undefined : others?.(request)),
  });
  return { origin: url, baseUrl: `${url}/campaign`, emulator, close };
}

/**
 * The differences between cells. client: it uses `campaign-workflow/client`; main: its tool finds the main entry alone;
 * awaits: its tool makes an import of a module of WebAssembly a top-level await.
 * @typedef {{ client?: boolean, main?: boolean, awaits?: boolean }} Expected
 */

/**
 * Runs a scenario somewhere, and checks its report against Campaign's log.
 * @param {(baseUrl: string) => Promise<any>} use
 * @param {Expected} [expected]
 */
export async function checkScenario(use, expected) {
  const campaign = await serveCampaign();
  try {
    await checkReport(await use(campaign.baseUrl), campaign, expected);
  } finally {
    await campaign.close();
  }
}

/**
 * @param {any} report  of the scenario that is expected
 * @param {Pick<Campaign, "baseUrl" | "emulator">} campaign
 * @param {Expected} [expected]
 */
export async function checkReport(
  report,
  { baseUrl, emulator },
  { client = false, main = false, awaits = false } = {},
) {
  checkStarts(report, awaits);
  const log = await emulator.log();
  if (client)
    checkClient(
      report,
      log,
      baseUrl,
      (await emulator.workflows()).find(({ id }) => id === signalled.id)?.signals ?? [],
    );
  else checkCommands(report, log, baseUrl, main);
}

/** @param {Report | ClientReport} report @param {boolean} awaits */
function checkStarts({ imported, failedStarts, firstCalls, starts }, awaits) {
  assert.deepEqual(
    imported,
    awaits ? ["top-level await"] : [],
    `importing does nothing, but did: ${imported.join(", ")}`,
  );
  const internal = { ...refusal, code: "internal" };
  assert.deepEqual(failedStarts, Array(concurrent).fill(internal), "a start that fails rejects every call");
  const invalid = { ...refusal, code: "invalid-argument" };
  assert.deepEqual(firstCalls, Array(concurrent).fill(invalid), "after a failed start, the next call tries again");
  assert.equal(starts, 1, "one start for all concurrent callers");
}

/** @param {Report} report @param {import("./check-request.mjs").LoggedRequest[]} log @param {string} baseUrl @param {boolean} main */
function checkCommands(report, log, baseUrl, main) {
  checkRequests(log, report, baseUrl, hasGateway && !main);
  assert.deepEqual(report.refused, {
    ...refusal,
    code: "not-found",
    status: 404,
    errorCode: "RST-360011",
    attempts: 1,
  });
  const inProcess = { status: report.receipts[0]?.status, states: ["Started"], commands: ["start"] };
  assert.deepEqual(report.inProcess, main ? null : inProcess, "the emulator in process");
}

/**
 * @param {import("./check-request.mjs").LoggedRequest[]} log
 * @param {Report} report
 * @param {string} baseUrl
 * @param {boolean} guards  whether there is a gateway
 */
function checkRequests(log, { receipts, gateway }, baseUrl, guards) {
  // The gateway adds its credentials; the caller has none.
  const sent = [...workflows, unknown, ...(guards ? [guarded] : [])];
  assert.equal(log.length, sent.length, "one request per command, none for the invalid ones and the forbidden one");
  sent.forEach(({ command, segment }, i) => {
    const body = JSON.stringify({ method: command });
    checkRequest(log[i], {
      method: "POST",
      url: addressOf(baseUrl, segment, "commands"),
      body,
      executed: segment !== unknown.segment,
    });
  });
  const forbidden = { ...refusal, code: "forbidden", status: 403, errorCode: gateway?.refused.errorCode, attempts: 1 };
  const expected = { receipt: { status: log.at(-1)?.status, attempts: 1 }, refused: forbidden };
  assert.deepEqual(gateway, guards ? expected : null, "the gateway");
  workflows.forEach((workflow, i) => {
    const { workflowId, command, status, attempts } = receipts[i] ?? {};
    const expected = { workflowId: nameOf(workflow), command: workflow.command, status: log[i]?.status, attempts: 1 };
    assert.deepEqual({ workflowId, command, status, attempts }, expected);
  });
}
