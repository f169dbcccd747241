// @ts-check
// The local Campaign over HTTP, and its log as the witness of what a runtime sent.

import assert from "node:assert/strict";
import { accessToken, apiKey, concurrent, guarded, nameOf, organization, unknown, workflows } from "./consumer/scenario.mjs";
import { hasGateway } from "./project.mjs";

/** @typedef {import("./consumer/scenario.mjs").Report} Report */
/** @typedef {Awaited<ReturnType<typeof serveCampaign>>} Campaign */

/**
 * A Campaign below `/campaign`; every other path is for what a runtime wants served beside it.
 * @param {(request: Request) => Response | Promise<Response>} [others]
 */
export async function serveCampaign(others) {
  // Loaded when it is needed: it may have to be built first.
  const { serveEmulator } = await import("campaign-workflow/emulator/node");
  const { url, emulator, close } = await serveEmulator({
    organization,
    workflows: [...workflows, guarded].map(({ command: _command, segment: _segment, ...workflow }) => workflow),
    applyDelayMs: 0,
    other: (request) => (new URL(request.url).pathname.startsWith("/campaign/") ? undefined : others?.(request)),
  });
  return { origin: url, baseUrl: `${url}/campaign`, emulator, close };
}

/**
 * What a tool makes different. main: whether it finds the main entry alone; awaits: whether it makes an import of a module of
 * WebAssembly a top-level await.
 * @typedef {{ main?: boolean, awaits?: boolean }} Peculiar
 */

/**
 * Runs the scenario somewhere, and checks its report against Campaign's log.
 * @param {(baseUrl: string) => Promise<Report>} use
 * @param {Peculiar} [peculiar]
 */
export async function witness(use, peculiar) {
  const campaign = await serveCampaign();
  try {
    await checkReport(await use(campaign.baseUrl), campaign, peculiar);
  } finally {
    await campaign.close();
  }
}

/**
 * @param {Report} report
 * @param {Pick<Campaign, "baseUrl" | "emulator">} campaign
 * @param {Peculiar} [peculiar]
 */
export async function checkReport(report, { baseUrl, emulator }, { main = false, awaits = false } = {}) {
  assert.deepEqual(report.imported, awaits ? ["top-level await"] : [], `importing does nothing, but did: ${report.imported.join(", ")}`);
  const internal = { ...error, code: "internal" };
  assert.deepEqual(report.failedStarts, Array(concurrent).fill(internal), "a start that fails rejects every call");
  const invalid = { ...error, code: "invalid-argument" };
  assert.deepEqual(report.firstCalls, Array(concurrent).fill(invalid), "after a failed start, the next call tries again");
  assert.equal(report.starts, 1, "one start for all concurrent callers");
  await checkRequests(await emulator.log(), report, baseUrl, hasGateway && !main);
  assert.deepEqual(report.refused, { ...error, code: "not-found", status: 404, errorCode: "RST-360011", attempts: 1 });
  const inProcess = { status: report.receipts[0]?.status, states: ["Started"], commands: ["start"] };
  assert.deepEqual(report.inProcess, main ? null : inProcess, "the emulator in process");
}

const error = {
  name: "WorkflowCommandError",
  outcome: "not-executed",
  status: null,
  errorCode: null,
  attempts: 0,
  isError: true,
  guard: true,
};

/**
 * @param {import("campaign-workflow/emulator").LoggedRequest[]} log
 * @param {Report} report
 * @param {string} baseUrl
 * @param {boolean} guards  whether there is a gateway
 */
async function checkRequests(log, { receipts, gateway }, baseUrl, guards) {
  // What the gateway lets through has its credentials; the caller gave none.
  const sent = [...workflows, unknown, ...(guards ? [guarded] : [])];
  assert.equal(log.length, sent.length, "one request per command, none for the invalid ones and the forbidden one");
  sent.forEach(({ command, segment }, i) => {
    const request = log[i];
    assert.ok(request);
    assert.equal(request.method, "POST");
    assert.equal(request.url, `${baseUrl}/${organization}/campaign/workflow/execution/${segment}/commands`);
    assert.equal(request.body, JSON.stringify({ method: command }));
    assert.equal(request.headers["content-type"], "application/json");
    assert.equal(request.headers["authorization"], `Bearer ${accessToken}`);
    assert.equal(request.headers["cache-control"], "no-cache");
    assert.equal(request.headers["x-api-key"], apiKey);
    assert.equal(request.executed, segment !== unknown.segment);
  });
  const forbidden = { ...error, code: "forbidden", status: 403, errorCode: gateway?.refused.errorCode, attempts: 1 };
  const expected = { receipt: { status: log.at(-1)?.status, attempts: 1 }, refused: forbidden };
  assert.deepEqual(gateway, guards ? expected : null, "the gateway");
  workflows.forEach((workflow, i) => {
    const { workflowId, command, status, attempts } = receipts[i] ?? {};
    const expected = { workflowId: nameOf(workflow), command: workflow.command, status: log[i]?.status, attempts: 1 };
    assert.deepEqual({ workflowId, command, status, attempts }, expected);
  });
}
