// @ts-check
// One run of the fuzzer: a recording proxy, the Worker in workerd, the local Campaign, and what Campaign executed.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { attempt } from "../../../scripts/lib/process.mjs";
import { root } from "../../../scripts/lib/paths.mjs";
import { schemathesis } from "../../../scripts/lib/python.mjs";
import { descriptionFor } from "./description.mjs";
import { expectedOf } from "./expected-commands.mjs";
import { startRecorder } from "./recording-proxy.mjs";
import { startCampaign } from "../../support/campaign.mjs";
import { bundleExample, startExampleWorker } from "../../support/example-worker.mjs";
import { organization, secrets } from "../../support/secrets.mjs";
import { storageFolder } from "../../support/temporary-folder.mjs";
import { sleep, until } from "../../support/wait.mjs";
import { call, command } from "../../support/worker-client.mjs";

const below = `/api/${organization}/campaign/workflow/execution/`;
const page = "https://page.example";
const commanded = Array.from({ length: 10 }, (_, i) => `WKF${i}`);
/** Workflows with a signal. They get no command, so they keep running, as a signal requires. */
const signalled = ["WKF10", "WKF11", "WKF12"];
const listed = [...commanded, ...signalled];
/** Campaign responds to each with a fault, and executes nothing. */
const faulty = { WKF7: "throttled", WKF8: "unavailable", WKF9: "html" };
/** The dead commands of WKF1. */
const dead = 12;

/**
 * @param {{ seed: number, examples: number, onLine?: (line: string) => void }} options examples: at most, for each operation
 */
export async function fuzz({ seed, examples, onLine }) {
  const place = storageFolder();
  const workflows = listed.map((id) => ({
    id,
    state: /** @type {const} */ ("Started"),
    signals: signalled.includes(id) ? [{ name: "signal1" }] : [],
  }));
  const [bundle, campaign] = await Promise.all([bundleExample(), startCampaign({ workflows })]);
  const commands = ["start", "pause", "resume", "stop", "read"];
  const WORKFLOWS = Object.fromEntries(
    listed.map((id) => [id, signalled.includes(id) ? ["signal", "read"] : commands]),
  );
  const runtime = await startExampleWorker(bundle, join(place.folder, "objects"), {
    CAMPAIGN_URL: campaign.url,
    WORKFLOWS,
    ALLOWED_ORIGINS: [page],
  });
  const recorder = await startRecorder(runtime.url);
  try {
    const { ids, activities } = await prepare(recorder.url, campaign);
    const known = {
      workflows: [...commanded, "WKF10", "WKF99"],
      signalled,
      activities,
      ids,
      numbers: dead,
      origins: [page, recorder.url.origin, "https://evil.example"],
    };
    const file = join(place.folder, "openapi.json");
    writeFileSync(file, JSON.stringify(descriptionFor(known)));
    const { command: program, args, env } = schemathesis();
    const options = [
      "--url",
      new URL("/api", recorder.url).href,
      "--seed",
      `${seed}`,
      "--max-examples",
      `${examples}`,
      "--continue-on-failure",
      "--no-color",
    ];
    const header = ["-H", `Authorization: Bearer ${secrets.callerKey}`];
    const config = ["--config-file", join(root, "tests", "worker", "openapi", "schemathesis.toml")];
    const ended = await attempt(program, [...args, ...config, "run", file, ...options, ...header], {
      cwd: place.folder,
      env: { ...env, PYTHONUNBUFFERED: "1" },
      ...(onLine ? { onLine } : {}),
    });
    const expected = expectedOf(recorder.exchanges, { page, commanded });
    const executed = await settled(recorder.url, expected);
    return {
      code: ended.code,
      output: ended.output,
      exchanges: recorder.exchanges,
      wrong: expected.wrong,
      expected: executed,
      signals: expected.signals,
      executions: await campaign.executions(),
      triggered: new Map(
        (await campaign.emulator.workflows()).flatMap(({ id, signals }) =>
          signals.length > 0 ? [[id, signals.length]] : [],
        ),
      ),
      log: await campaign.emulator.log(),
      /** Ids and PKeys: Campaign shows a trigger by the PKey. */
      names: new Set((await campaign.emulator.workflows()).flatMap(({ id, pkey }) => [id, pkey])),
    };
  } finally {
    await recorder.close();
    await runtime.close();
    await campaign.close();
    place.remove();
  }
}

/** Makes dead commands, and a command that waits for a week, for the fuzzer to find. Causes each fault once. @param {URL} url @param {Awaited<ReturnType<typeof startCampaign>>} campaign */
async function prepare(url, campaign) {
  await campaign.emulator.addFault({ kind: "not-found", workflowId: "WKF1", times: dead });
  for (let i = 0; i < dead; i += 1) await command(url, "WKF1", "start", { prefer: "respond-async" });
  await until("the dead commands", async () => (await call(url, `${below}WKF1/dead`)).body.commands.length === dead);
  const waiting = await command(url, "WKF2", "pause", { prefer: "respond-async", "delay-seconds": "604800" });
  for (const [workflowId, kind] of Object.entries(faulty)) {
    await campaign.emulator.addFault(
      /** @type {any} */ ({
        kind,
        workflowId,
        on: "any",
        times: null,
        ...(kind === "html" ? {} : { retryAfterSeconds: 30 }),
      }),
    );
  }
  // The fuzzer may send no valid command to these.
  for (const workflowId of [...Object.keys(faulty), "WKF99"]) await command(url, workflowId, "start");
  const shown = await Promise.all(signalled.map((id) => call(url, `${below}${id}`)));
  const addresses = shown.map(({ body }) => new URL(body.activities.activity.signal1.trigger.href).pathname);
  return {
    ids: [waiting.body.id],
    activities: addresses.map((path) => decodeURIComponent(path.split("/").at(-3) ?? "")),
  };
}

/**
 * How often each command must have been executed. Waits until every queued command has ended or is not due yet.
 * @param {URL} url @param {ReturnType<typeof expectedOf>} expected
 */
async function settled(url, { accepted, taken }) {
  const counts = new Map(accepted);
  /** By number, so that no command counts twice, whichever ids find it. @type {Map<string, string>} */
  const reached = new Map();
  for (const [id, { workflowId, command }] of taken) {
    for (let tries = 0; ; tries += 1) {
      const { status, body } = await call(url, `/api/queue/${id}`);
      if (status !== 200) throw new Error(`a queued command is not found: ${status} ${id}`);
      if (body.state === "accepted") reached.set(`${workflowId} ${body.number}`, `${workflowId} ${command}`);
      const isDue =
        body.state === "sending" || (body.state === "queued" && Date.parse(body.dueAt) < Date.now() + 10_000);
      if (!isDue) break;
      if (tries === 600) throw new Error(`${workflowId} ${command} is ${body.state} for a minute`);
      await sleep(100);
    }
  }
  for (const name of reached.values()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
