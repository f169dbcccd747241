// @ts-check
// A program: many commands through sendAll against the emulator in process. It fails when memory grows or a workflow's commands are out
// of order, and compares the speed with a bare loop of fetch. It prints a report in Markdown. `npm test` sends 20,000 commands; with
// `--long`, as in `npm run bench`, it is a million.

import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { WorkflowClient } from "campaign-workflow/client";
import { CampaignEmulator } from "campaign-workflow/emulator";

const { long } = parseArgs({ options: { long: { type: "boolean", default: false } } }).values;
const short = !long;
const COMMANDS = short ? 20_000 : 1_000_000;
/** Commands of the bare loop before each sample, so that a busy machine slows both. */
const BARE = short ? 500 : 10_000;
const CONCURRENCY = 4;
const WORKFLOWS = 25;
const SAMPLES = 20;
const MOST_GROWTH = 5 * 1024 * 1024;

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc");

/** Each command fits the state after the one before it; in any other order Campaign refuses. */
const ROUND = /** @type {const} */ (["start", "pause", "resume", "stop"]);
const ids = Array.from({ length: WORKFLOWS }, (_, index) => `WKF${index}`);
const organization = "acme-mkt-stage";
const headers = {
  "Content-Type": "application/json",
  "Cache-Control": "no-cache",
  Authorization: "Bearer local-token",
  "X-Api-Key": "local-key",
};

/** A Campaign, and the order in which each workflow got its commands. */
class ObservedCampaign {
  #campaign = new CampaignEmulator({
    workflows: ids.map((id) => ({ id })),
    applyDelayMs: 0,
    invalidTransition: "refuse",
    historyLimit: 100,
  });
  #commandsSent = new Map(ids.map((id) => [id, 0]));
  #inFlight = 0;
  outOfOrder = 0;
  mostInFlight = 0;

  /** @param {string} url @param {any} init */
  fetch = async (url, init) => {
    const id = url.split("/").at(-2) ?? "";
    const sent = this.#commandsSent.get(id) ?? 0;
    if (init.body !== `{"method":"${ROUND[sent % ROUND.length]}"}`) this.outOfOrder++;
    this.#commandsSent.set(id, sent + 1);
    this.mostInFlight = Math.max(this.mostInFlight, ++this.#inFlight);
    try {
      return await this.#campaign.fetch(new Request(url, init));
    } finally {
      this.#inFlight--;
    }
  };
}

let pulled = 0;
let resultsTaken = 0;
let mostAhead = 0;

function* commands() {
  for (; pulled < COMMANDS; ) {
    const index = pulled++;
    mostAhead = Math.max(mostAhead, pulled - resultsTaken);
    yield {
      workflowId: ids[index % WORKFLOWS] ?? "",
      command: ROUND[Math.floor(index / WORKFLOWS) % ROUND.length] ?? "start",
    };
  }
}

/** The time that commands took. */
class Stopwatch {
  commands = 0;
  ms = 0;
  cpuMs = 0;
  #from = 0;
  #cpu = process.cpuUsage();

  begin() {
    this.#from = performance.now();
    this.#cpu = process.cpuUsage();
  }

  /** @param {number} commands */
  end(commands) {
    const { user, system } = process.cpuUsage(this.#cpu);
    this.commands += commands;
    this.ms += performance.now() - this.#from;
    this.cpuMs += (user + system) / 1000;
  }

  get rate() {
    return (this.commands / this.ms) * 1000;
  }

  get cpuMicroseconds() {
    return (this.cpuMs / this.commands) * 1000;
  }
}

const loopCampaign = new ObservedCampaign();
let round = 0;

/** The same commands by a bare loop of fetch, side by side, each workflow by one worker. @param {number} count */
async function runBareLoop(count) {
  const end = round + count / WORKFLOWS;
  const first = round;
  round = end;
  const work = async (/** @type {number} */ worker) => {
    for (let round = first; round < end; round++) {
      for (let index = worker; index < WORKFLOWS; index += CONCURRENCY) {
        const url = `https://mc.adobe.io/${organization}/campaign/workflow/execution/${ids[index]}/commands`;
        const response = await loopCampaign.fetch(url, {
          method: "POST",
          headers,
          body: JSON.stringify({ method: ROUND[round % ROUND.length] }),
        });
        if (response.status !== 200) throw new Error(await response.text());
        await response.json();
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, (_, worker) => work(worker)));
}

/** @returns bytes */
async function heldMemory() {
  for (let round = 0; round < 3; round++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const campaign = new ObservedCampaign();
const client = new WorkflowClient({
  organization,
  accessToken: "local-token",
  apiKey: "local-key",
  fetch: campaign.fetch,
});
const [loop, all] = [new Stopwatch(), new Stopwatch()];
await runBareLoop(BARE);
let errors = 0;
/** Memory after the first tenth, in which everything gets its final size. @type {number[]} */
const samples = [];
all.begin();
const results = client.sendAll(commands(), { concurrency: CONCURRENCY });
for await (const { error } of results) {
  resultsTaken++;
  if (error) errors++;
  if (resultsTaken % (COMMANDS / SAMPLES) === 0) {
    all.end(COMMANDS / SAMPLES);
    loop.begin();
    await runBareLoop(BARE);
    loop.end(BARE);
    if (resultsTaken >= COMMANDS / 10) samples.push(await heldMemory());
    all.begin();
  }
}
const summary = await results.summary;

const growth = Math.max(...samples) - (samples[0] ?? 0);
/** @type {[string, string, boolean][]} */
const rows = [
  [
    "accepted",
    `${summary.accepted.toLocaleString("en")} of ${COMMANDS.toLocaleString("en")}`,
    summary.accepted === COMMANDS && errors === 0,
  ],
  ["out of a workflow's order", `${campaign.outOfOrder}`, campaign.outOfOrder === 0],
  ["in flight at most", `${campaign.mostInFlight}`, campaign.mostInFlight === CONCURRENCY],
  ["pulled before the result was taken, at most", `${mostAhead}`, mostAhead <= CONCURRENCY],
  [
    "growth of memory after the first tenth",
    `${(growth / 1024 / 1024).toFixed(2)} MiB (limit 5)`,
    growth < MOST_GROWTH,
  ],
  ["commands a second", `${Math.round(all.rate)}, and ${Math.round(loop.rate)} by a bare loop of fetch`, true],
  ["throughput, as a ratio to the bare loop", (all.rate / loop.rate).toFixed(2), true],
  [
    "processor time of a command",
    `${all.cpuMicroseconds.toFixed(0)} µs, and ${loop.cpuMicroseconds.toFixed(0)} µs by the bare loop`,
    true,
  ],
  ["processor time, as a ratio to the bare loop", (all.cpuMicroseconds / loop.cpuMicroseconds).toFixed(2), true],
];
const report = `# Many commands

${COMMANDS.toLocaleString("en")} commands for ${WORKFLOWS} workflows through \`sendAll\`, ${CONCURRENCY} in flight, against the emulator in process, which refuses a command that
does not fit the one before it. Node ${process.versions.node}; written by \`npm run bench -- --soak\`. Memory is heap and external, after gc, at ${samples.length} moments.
The bare loop of fetch runs in between.

| | |
| --- | --- |
${rows.map(([name, value]) => `| ${name} | ${value} |`).join("\n")}
`;
console.log(report);
for (const [name, value, good] of rows) if (!good) console.error(`wrong: ${name}: ${value}`);
const good = rows.every(([, , good]) => good);
process.exitCode = good ? 0 : 1;
