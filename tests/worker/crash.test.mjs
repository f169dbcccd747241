// @ts-check
// workerd is killed at 50 random moments, with commands, queued and scheduled ones in flight, and restarted on its storage. Nothing may
// be lost or executed twice. CAMPAIGN_SEED=<seed> repeats a run, and CAMPAIGN_KILLS=<number> sets how often it is killed.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { startCampaign } from "../support/campaign.mjs";
import { bundleExample, fireTrigger, startExampleWorker } from "../support/example-worker.mjs";
import { randomNumbers, seed } from "../support/random.mjs";
import { assertNoSecrets } from "../support/secrets.mjs";
import { storageFolder } from "../support/temporary-folder.mjs";
import { sleep, until } from "../support/wait.mjs";
import { command, stateOf } from "../support/worker-client.mjs";

const kills = Number(process.env.CAMPAIGN_KILLS ?? 50);
const ways = /** @type {const} */ (["request", "queue", "request", "schedule", "request", "queue"]);
const commands = /** @type {const} */ (["start", "pause", "resume", "stop"]);

/**
 * A command to send. No two have the same workflow and command, so Campaign's executions show which of them were executed.
 * @typedef {object} Order
 * @property {typeof ways[number]} way
 * @property {string} workflowId
 * @property {typeof commands[number]} command
 * @property {string} key
 * @property {string} cron
 * @property {string} [who] whose key it is
 * @property {number} status  the response before the crash; 0: none
 */
/** @type {Order[]} */
const orders = Array.from({ length: kills * ways.length }, (_, i) => {
  const way = ways[i % ways.length] ?? "request";
  const workflowId = `WKF${Math.floor(i / commands.length)}`;
  const order = { way, workflowId, command: commands[i % commands.length] ?? "start", cron: `order ${i}`, status: 0 };
  if (way === "schedule")
    return { ...order, key: `cron ${order.cron} 1800000000000 ${order.command}`, who: "schedule" };
  return { ...order, key: `order-${i}` };
});
const workflows = Array.from({ length: Math.ceil(orders.length / commands.length) }, (_, i) => ({ id: `WKF${i}` }));
const SCHEDULE = orders.filter(({ way }) => way === "schedule");

let answered = 0;

/** Sends a command, and records the status of its response. @param {import("../support/example-worker.mjs").ExampleWorker} runtime @param {Order} order */
async function send({ miniflare, url }, order) {
  const { way, workflowId, key, cron } = order;
  try {
    if (way === "schedule") {
      const outcome = await fireTrigger(miniflare, cron, 1_800_000_000_000);
      order.status = outcome === "ok" ? 202 : 0;
    } else {
      const headers = { "idempotency-key": key, prefer: way === "queue" ? "respond-async" : "" };
      const { status } = await command(url, workflowId, order.command, headers);
      order.status = status;
    }
    answered += 1;
  } catch {
    // The runtime was killed before it answered.
  }
}

test(`killed at ${kills} random moments: nothing is lost or executed twice`, { timeout: 240_000 }, async (t) => {
  t.diagnostic(`CAMPAIGN_SEED=${seed}`);
  const random = randomNumbers();
  const place = storageFolder();
  const campaign = await startCampaign({ workflows });
  /** @type {import("../support/example-worker.mjs").ExampleWorker | undefined} */
  let running;
  t.after(async () => {
    await running?.close();
    await campaign.close();
    place.remove();
  });
  const bundle = await bundleExample();
  const times = { WAIT_MS: 20_000, TIMEOUT_MS: 4000, ATTEMPT_TIMEOUT_MS: 4000, RETRY_MS: 100 };
  const bindings = { CAMPAIGN_URL: campaign.url, SCHEDULE, ...times };
  const start = () => startExampleWorker(bundle, join(place.folder, "objects"), bindings);

  /** @type {Promise<void>[]} */
  const sending = [];
  for (let round = 0; round < kills; round += 1) {
    const runtime = (running = await start());
    for (const order of orders.slice(round * ways.length, (round + 1) * ways.length)) {
      const { workflowId, command } = order;
      if (random() < 0.8)
        await campaign.emulator.addFault({ kind: "delay", delayMs: Math.floor(random() * 120), workflowId, command });
      sending.push(sleep(random() * 80).then(() => send(runtime, order)));
    }
    // The kill comes after a number of events, not after a time: machines differ.
    const happened = () => answered + campaign.requests();
    const [killAfter, latest] = [happened() + Math.floor(random() * ways.length * 1.7), Date.now() + 1500];
    while (happened() < killAfter && Date.now() < latest) await sleep(2);
    await sleep(random() * 40);
    await runtime.kill();
    await Promise.all(sending);
  }

  // No request is made: queued commands have to end by themselves.
  const runtime = (running = await start());
  const { url } = runtime;
  const taken = orders.filter(({ way, status }) => way !== "request" && status === 202);
  const executedBefore = await campaign.executions();
  await sleep(3000);
  for (const { workflowId, key, who } of taken) {
    const { status, body } = await stateOf(url, workflowId, key, who);
    assert.equal(status, 200, `${key} was queued, and is lost; CAMPAIGN_SEED=${seed}`);
    assert.ok(["accepted", "failed", "unknown"].includes(body.state), `${key} is ${body.state}; CAMPAIGN_SEED=${seed}`);
  }
  const executedAlone = [...(await campaign.executions()).keys()].length - [...executedBefore.keys()].length;

  // Callers without a response repeat their command with the same key.
  const counts = { taken: taken.length, executedAlone, neverSeen: 0, accepted: 0, failed: 0, unknown: 0 };
  for (const order of orders) {
    const { workflowId, key, who } = order;
    const executions = (await campaign.executions()).get(`${workflowId} ${order.command}`) ?? 0;
    if ((await stateOf(url, workflowId, key, who)).status === 404) {
      counts.neverSeen += 1;
      assert.equal(order.status, 0, `${key} was answered ${order.status}, and is lost; CAMPAIGN_SEED=${seed}`);
      assert.equal(executions, 0, `${key} was executed, but its key is unknown; CAMPAIGN_SEED=${seed}`);
    }
    const before = order.status;
    await send(runtime, order);
    if (before === 200)
      assert.equal(order.status, 200, `${key} was accepted, and now is ${order.status}; CAMPAIGN_SEED=${seed}`);
  }
  await until("the last outcome", async () => {
    const states = await Promise.all(
      orders.map(async ({ workflowId, key, who }) => (await stateOf(url, workflowId, key, who)).body.settledAt),
    );
    return states.every(Boolean);
  });

  const executed = await campaign.executions();
  for (const { workflowId, command, key, who } of orders) {
    const state = /** @type {"accepted" | "failed" | "unknown"} */ (
      (await stateOf(url, workflowId, key, who)).body.state
    );
    const times = executed.get(`${workflowId} ${command}`) ?? 0;
    const right = { accepted: [1], failed: [0], unknown: [0, 1] }[state];
    assert.ok(right?.includes(times), `${key} is ${state}, and was executed ${times} times; CAMPAIGN_SEED=${seed}`);
    counts[state] += 1;
  }
  t.diagnostic(JSON.stringify(counts));
  assert.ok(counts.accepted > 0 && counts.unknown > 0, "The kills met no command in flight");
  assertNoSecrets();
});
