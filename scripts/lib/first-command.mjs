// @ts-check
// The first command of `npm start`: sent by the built package over HTTP, told from the local Campaign's own log.

import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import { Failure } from "./process.mjs";
import { config } from "./server.mjs";
import { bold, columns, dim, duration, green, print } from "./terminal.mjs";

/** @typedef {import("campaign-workflow/emulator").CampaignEmulator} CampaignEmulator */
/** @typedef {import("campaign-workflow/emulator").LoggedRequest} LoggedRequest */

const documentedHeaders = ["Content-Type", "Authorization", "Cache-Control", "X-Api-Key"];
const secretHeaders = ["Authorization", "X-Api-Key"];
const appliedWithinMs = 15_000;

/** @param {{ url: string, emulator: CampaignEmulator }} server */
export async function sendFirstCommand({ url, emulator }) {
  const { sendWorkflowCommand } = await import("campaign-workflow");
  const workflow = (await emulator.workflows()).find(({ allowed }) => allowed.includes("start"));
  if (!workflow) throw new Failure("The local Campaign has no workflow that can be started.");

  const begun = Date.now();
  const { organization, accessToken, apiKey } = config;
  const baseUrl = `${url}${config.baseUrl}`;
  const sending = sendWorkflowCommand({ organization, workflowId: workflow.id, command: "start", accessToken, apiKey, baseUrl });
  const receipt = await sending.catch((/** @type {unknown} */ error) => {
    throw new Failure(`The first command failed. ${error}`, inspect(error));
  });
  const took = Date.now() - begun;

  const sent = (await emulator.log()).findLast(({ command }) => command === "start");
  if (!sent) throw new Failure("The package gave a receipt, but no request reached the local Campaign.");
  printRequest(sent);
  printReceipt(receipt, took);

  const after = await applied(emulator, workflow.id);
  const label = workflow.label ? ` "${workflow.label}"` : "";
  print(`\n  ${bold("Applied")} after ${duration(Date.now() - begun)}`);
  print(`    ${green("✓")} ${workflow.id}${label}: ${workflow.state} → ${after.state}`);
}

/** @param {LoggedRequest} request */
function printRequest({ method, url, headers, body }) {
  print(`\n  ${bold("Sent")}`);
  print(`    ${method} ${url}`);
  const rows = documentedHeaders.map((name) => {
    const value = headers[name.toLowerCase()] ?? "(missing)";
    return [dim(name), secretHeaders.includes(name) ? masked(value) : value];
  });
  print(columns(rows, { indent: 4 }));
  print(`    ${body}`);
}

/** @param {string} value the scheme is no secret */
function masked(value) {
  return value.replace(/^(Bearer )?.+$/, "$1••••••••");
}

/** @param {import("campaign-workflow").WorkflowCommandReceipt} receipt @param {number} took */
function printReceipt(receipt, took) {
  print(`\n  ${bold("Receipt")} after ${took} ms: Campaign took the command and will apply it`);
  const rows = Object.entries(receipt).map(([name, value]) => [dim(name), typeof value === "string" ? value : JSON.stringify(value)]);
  print(columns(rows, { indent: 4 }));
}

/**
 * Campaign answers at once and acts later; this waits until it has acted.
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
    if (Date.now() > deadline) throw new Failure(`Campaign did not apply "start" to ${id} within ${duration(appliedWithinMs)}.`);
    await sleep(50);
  }
}
