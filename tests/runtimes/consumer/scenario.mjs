// @ts-check
// What every runtime does with the installed package, and reports as JSON. It gets the package as an argument, so that each runtime can
// import it in its own way.

import { breakStarts, mendStarts, startsSoFar } from "./probe.mjs";

/** @typedef {Pick<typeof import("campaign-workflow"), "sendWorkflowCommand" | "WorkflowCommandError" | "isWorkflowCommandError">} Client */
/** @typedef {typeof import("campaign-workflow/emulator")} Emulator */
/**
 * @typedef {(options: {
 *   organization: string, apiKey: string, accessToken: string, baseUrl: string, workflows: readonly string[],
 *   authorize: (request: Request, command: { organization: string, workflowId: string, command: string }) => boolean,
 * }) => { fetch(request: Request): Promise<Response> }} CreateGateway
 */
/** @typedef {Awaited<ReturnType<typeof scenario>>} Report */

export const organization = "acme-mkt-stage";
export const accessToken = "local-token";
export const apiKey = "local-key";

/** One workflow per command, in a state that allows it; `segment`: its id in the path. */
export const workflows = /** @type {const} */ ([
  { id: "WKF201", state: "Editing", command: "start", segment: "WKF201" },
  { id: "WKF202", state: "Started", command: "pause", segment: "WKF202" },
  { id: "daily/ümlaut 100%", state: "Paused", command: "resume", segment: "daily%2F%C3%BCmlaut%20100%25" },
  { id: "WKF204", pkey: "@a1b2-C3_d4==", state: "Started", command: "stop", segment: "@a1b2-C3_d4%3D%3D" },
]);

/** An unknown workflow: the command is refused. */
export const unknown = /** @type {const} */ ({ id: "WKF404", command: "start", segment: "WKF404" });

/** Started through the gateway, which authorizes the caller. */
export const guarded = /** @type {const} */ ({ id: "WKF205", state: "Editing", command: "start", segment: "WKF205" });
const user = "ann";

/** Runs, and has a signal activity. */
export const signalled = /** @type {const} */ ({
  id: "WKF206",
  state: "Started",
  signal: "signal1",
  segment: "WKF206",
});

/** How many calls are made at once while the module is not started yet. */
export const concurrent = 3;

/** The name of a workflow in a call: its PKey if it has one. @param {{ id: string, pkey?: string }} workflow */
export const nameOf = ({ id, pkey }) => pkey ?? id;

/**
 * @param {{ imported: string[], client: Client, emulator?: Emulator, createGateway?: CreateGateway | undefined }} package_
 *   the others are omitted if a tool finds only the main entry
 * @param {string} baseUrl
 */
export async function scenario({ imported, client, emulator, createGateway }, baseUrl) {
  const { sendWorkflowCommand } = client;
  const common = { organization, accessToken, apiKey, baseUrl };
  const invalid = { workflowId: "WKF201", command: /** @type {any} */ ("restart") };

  const started = await firstStarts(() => rejection(invalid));
  const receipts = [];
  for (const workflow of workflows) {
    receipts.push(await sendWorkflowCommand({ ...common, workflowId: nameOf(workflow), command: workflow.command }));
  }
  const refused = await rejection({ workflowId: unknown.id, command: unknown.command });
  const gateway = createGateway ? await throughGateway(createGateway) : null;
  return { imported, ...started, receipts, refused, gateway, inProcess: emulator ? await inProcess(emulator) : null };

  /** @param {Pick<import("campaign-workflow").WorkflowCommandRequest, "workflowId" | "command"> & { [field: string]: unknown }} request */
  function rejection(request) {
    return rejectionOf(client, () => sendWorkflowCommand({ ...common, ...request }));
  }

  /** A caller with rights, and one without, without a socket to the gateway. @param {CreateGateway} createGateway */
  async function throughGateway(createGateway) {
    const options = { ...common, workflows: [guarded.id] };
    const gateway = createGateway({ ...options, authorize: (request) => request.headers.get("x-user") === user });
    const fetch = (/** @type {string} */ url, /** @type {RequestInit} */ init) => gateway.fetch(new Request(url, init));
    // The gateway gets no credential: it has its own.
    const guardedRequest = {
      accessToken: undefined,
      apiKey: undefined,
      baseUrl: "http://localhost",
      fetch,
      workflowId: guarded.id,
      command: guarded.command,
    };
    const { status, attempts } = await sendWorkflowCommand({
      ...common,
      ...guardedRequest,
      headers: { "X-User": user },
    });
    return {
      receipt: { status, attempts },
      refused: await rejection({ ...guardedRequest, headers: { "X-User": "eve" } }),
    };
  }

  /** The emulator without a socket. @param {Emulator} emulator */
  async function inProcess({ CampaignEmulator }) {
    const campaign = new CampaignEmulator({ organization, applyDelayMs: 0, workflows: [{ id: "WKF301" }] });
    const fetch = (/** @type {string} */ url, /** @type {RequestInit} */ init) =>
      campaign.fetch(new Request(url, init));
    const { status } = await sendWorkflowCommand({
      ...common,
      baseUrl: "http://localhost",
      fetch,
      workflowId: "WKF301",
      command: "start",
    });
    const states = (await campaign.workflows()).map(({ state }) => state);
    return { status, states, commands: (await campaign.log()).map(({ command }) => command) };
  }
}

/**
 * A failed start of the module, and the next one, each with several concurrent calls.
 * @template T @param {() => Promise<T>} call
 */
export async function firstStarts(call) {
  breakStarts();
  const failedStarts = await atOnce(call);
  mendStarts();
  const before = startsSoFar();
  const firstCalls = await atOnce(call);
  return { failedStarts, firstCalls, starts: startsSoFar() - before };
}

/**
 * The error of a call, as JSON.
 * @param {Pick<Client, "WorkflowCommandError" | "isWorkflowCommandError">} entry @param {() => Promise<unknown>} call
 */
export async function rejectionOf({ WorkflowCommandError, isWorkflowCommandError }, call) {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof WorkflowCommandError)) return { unexpected: String(error) };
    const { name, code, outcome, status, errorCode, attempts } = error;
    return {
      name,
      code,
      outcome,
      status,
      errorCode,
      attempts,
      isError: error instanceof Error,
      guard: isWorkflowCommandError(error),
    };
  }
  return { unexpected: "no rejection" };
}

/** @template T @param {() => Promise<T>} call */
const atOnce = (call) => Promise.all(Array.from({ length: concurrent }, call));
