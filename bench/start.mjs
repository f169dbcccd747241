// @ts-check
// What the start of the module costs: compiling and instantiating it, and a process up to its first request, beside the same
// process with the platform's fetch alone.
//
//   node bench/start.mjs

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const dist = new URL("../dist/", import.meta.url);
const ROUNDS = 20;

/** @param {number[]} values */
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

/** Milliseconds to compile the module, to make an instance of it, and both for the first time. */
export async function instantiation() {
  const { createCore } = await import(new URL("core.js", dist).href);
  const bytes = readFileSync(new URL("core.wasm", dist));
  const rounds = Array.from({ length: ROUNDS + 1 }, () => {
    const from = performance.now();
    const module = new WebAssembly.Module(bytes);
    const compiled = performance.now();
    createCore(module);
    return { compile: compiled - from, instantiate: performance.now() - compiled };
  });
  const [first] = rounds.splice(0, 1);
  return {
    first: (first?.compile ?? NaN) + (first?.instantiate ?? NaN),
    compile: median(rounds.map(({ compile }) => compile)),
    instantiate: median(rounds.map(({ instantiate }) => instantiate)),
  };
}

/** Milliseconds from the start of a process until a server sees its first request; both ways take turns. */
export async function coldStart() {
  let seen = () => {};
  const server = createServer((request, response) => {
    seen();
    request.resume().on("end", () => response.end());
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(0)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const baseUrl = `http://127.0.0.1:${port}`;
  const entry = new URL("index.js", dist).href;
  const ways = {
    fetch: `await (await fetch("${baseUrl}/acme/campaign/workflow/execution/WKF1/commands", { method: "POST", body: '{"method":"start"}' })).text();`,
    package: `import { sendWorkflowCommand } from "${entry}";
      await sendWorkflowCommand({ organization: "acme", workflowId: "WKF1", command: "start", baseUrl: "${baseUrl}" });`,
  };
  /** @type {Record<string, number[]>} */
  const times = { fetch: [], package: [] };
  for (let round = -1; round < ROUNDS; round++) {
    for (const [way, code] of Object.entries(ways)) {
      const from = performance.now();
      const request = new Promise((resolve) => (seen = () => resolve(0)));
      const child = spawn(process.execPath, ["--input-type=module", "--eval", code], { stdio: "inherit" });
      const end = new Promise((resolve) => child.on("exit", resolve));
      await request;
      if (round >= 0) times[way]?.push(performance.now() - from);
      await end;
    }
  }
  server.close();
  const ratios = (times.package ?? []).map((time, round) => time / (times.fetch?.[round] ?? NaN));
  return { fetch: median(times.fetch ?? []), package: median(times.package ?? []), ratio: median(ratios) };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { first, compile, instantiate } = await instantiation();
  console.log(`compile ${compile.toFixed(2)} ms, instantiate ${instantiate.toFixed(2)} ms (both for the first time ${first.toFixed(2)} ms)`);
  const cold = await coldStart();
  console.log(`process to first request: ${cold.package.toFixed(1)} ms, fetch alone ${cold.fetch.toFixed(1)} ms, ratio ${cold.ratio.toFixed(2)}`);
}
