// @ts-check
// The first command of `npm start`, sent by the built package to the gateway Worker, as the page does. Prints both requests: to the gateway,
// and from there to Campaign, by Campaign's log.

import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import { Failure } from "./process.mjs";
import { bold, columns, dim, duration, green, print } from "./terminal.mjs";

/** @typedef {import("campaign-workflow/emulator").CampaignEmulator} CampaignEmulator */
/** @typedef {{ method: string, url: string, headers: Record<string, string>, body: string, status: number | null }} SentRequest */

const shownHeaders = ["Content-Type", "Authorization", "Cache-Control", "X-Api-Key", "Idempotency-Key", "Cookie"];
const secretHeaders = ["Authorization", "X-Api-Key"];
const appliedWithinMs = 15_000;

/** @param {{ url: string, emulator: CampaignEmulator }} server */
export async function sendFirstCommand({ url, emulator }) {
  const { sendWorkflowCommand } = await import("campaign-workflow");
  const workflow = (await emulator.workflows()).find(({ allowed }) => allowed.includes("start"));
  if (!workflow) throw new Failure("The local Campaign has no workflow that can be started.");
  const { organization, baseUrl } = await (await fetch(`${url}/config.json`)).json();
  const headers = { Cookie: await signIn(url) };

  const startedAt = Date.now();
  /** @type {SentRequest[]} */
  const toGateway = [];
  const sending = sendWorkflowCommand({
    organization,
    workflowId: workflow.id,
    command: "start",
    idempotencyKey: crypto.randomUUID(),
    baseUrl: url + baseUrl,
    headers,
    fetch: async (target, init) => {
      const response = await fetch(target, init);
      toGateway.push({ ...init, url: target, status: response.status });
      return response;
    },
  });
  const receipt = await sending.catch((/** @type {unknown} */ error) => {
    throw new Failure(`The first command failed. ${error}`, inspect(error));
  });
  const took = Date.now() - startedAt;

  const toCampaign = (await emulator.log()).filter(({ command }) => command === "start");
  if (toCampaign.length === 0)
    throw new Failure("The package returned a receipt, but no request reached the local Campaign.");
  for (const request of toGateway) printRequest("Page to gateway: no credential", request);
  for (const request of toCampaign)
    printRequest("Gateway to Campaign: with the credentials that only the gateway has", request);
  printReceipt(receipt, took);

  const after = await applied(emulator, workflow.id);
  const label = workflow.label ? ` "${workflow.label}"` : "";
  print(`\n  ${bold("Applied")} after ${duration(Date.now() - startedAt)}`);
  print(`    ${green("✓")} ${workflow.id}${label}: ${workflow.state} → ${after.state}`);
}

/** Signs in as the page does. @param {string} url @returns {Promise<string>} the cookie */
async function signIn(url) {
  const body = JSON.stringify({ role: "operator" });
  const response = await fetch(`${url}/sign-in`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body,
  });
  const [cookie] = response.headers.getSetCookie();
  if (!response.ok || !cookie)
    throw new Failure(`The gateway Worker responded ${response.status} to the sign-in.`, await response.text());
  return cookie.split(";")[0] ?? "";
}

/** @param {string} title @param {SentRequest} request */
function printRequest(title, { method, url, headers, body, status }) {
  print(`\n  ${bold(title)}`);
  print(`    ${method} ${url}`);
  const all = new Headers(headers);
  const rows = shownHeaders.flatMap((name) => {
    const value = all.get(name);
    return value === null ? [] : [[dim(name), secretHeaders.includes(name) ? masked(value) : value]];
  });
  print(columns(rows, { indent: 4 }));
  print(`    ${body}`);
  print(`    → ${status ?? "no response"}`);
}

/** @param {string} value without its scheme */
function masked(value) {
  return value.replace(/^(Bearer )?.+$/, "$1••••••••");
}

/** @param {import("campaign-workflow").WorkflowCommandReceipt} receipt @param {number} took */
function printReceipt(receipt, took) {
  print(`\n  ${bold("Receipt")} after ${took} ms: Campaign accepted the command and will apply it`);
  const rows = Object.entries(receipt).map(([name, value]) => [
    dim(name),
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  print(columns(rows, { indent: 4 }));
}

/**
 * Waits until Campaign, which responds first, has applied the command.
 * @param {CampaignEmulator} emulator @param {string} id
 */
async function applied(emulator, id) {
  const deadline = Date.now() + appliedWithinMs;
  for (;;) {
    const workflow = (await emulator.workflows()).find((each) => each.id === id);
    if (workflow && workflow.pending.length === 0) {
      if (workflow.state === "Started") return workflow;
      throw new Failure(`Campaign applied "start" to ${id}, but its state is ${workflow.state}.`);
    }
    if (Date.now() > deadline)
      throw new Failure(`Campaign did not apply "start" to ${id} within ${duration(appliedWithinMs)}.`);
    await sleep(50);
  }
}
