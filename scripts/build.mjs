// @ts-check
// Builds dist/, the content of the npm package: cargo → wasm-bindgen → wasm-opt → loaders and types.

import { cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { forgetChanged } from "./lib/crates.mjs";
import { thirdParty } from "./lib/licences.mjs";
import { dist, isFile, root } from "./lib/paths.mjs";
import { Failure } from "./lib/process.mjs";
import { setUp } from "./lib/setup.mjs";
import { budgets, measure, report } from "./lib/size.mjs";
import { hashOf, isStamped, stamp } from "./lib/stamp.mjs";
import { step } from "./lib/terminal.mjs";
import { cargoTarget, compileModule, finishModule } from "./lib/wasm.mjs";

const INPUTS = [
  ...["Cargo.toml", "Cargo.lock", "LICENSE-MIT", "rust-toolchain.toml", "src", "js", "cloudflare"],
  ...["emulator/Cargo.toml", "emulator/src", "gateway/Cargo.toml", "gateway/src"],
  ...["tools/Cargo.lock", "package-lock.json", "scripts/build.mjs"],
  ...["crates", "licences", "size", "wasm"].map((name) => `scripts/lib/${name}.mjs`),
];

/**
 * The modules of the package. No export may have the name of a property that the glue uses, such as `get`, because exports get shorter
 * names.
 */
const MODULES = [
  {
    crate: "campaign-workflow",
    features: ["package", "command"],
    name: "core",
    hasSizeLimit: true,
    exported: ["sendWorkflowCommand"],
  },
  {
    crate: "campaign-workflow",
    features: ["package", "client"],
    name: "client-core",
    hasSizeLimit: true,
    exported: [
      "sendWorkflowCommand",
      "readWorkflow",
      "triggerSignal",
      "waitForWorkflow",
      "sendConfirmed",
      "sendAll",
      "enqueueCommand",
      "readQueued",
      "cancelQueued",
    ],
  },
  {
    crate: "campaign-emulator",
    features: [],
    name: "emulator-core",
    exported: ["Emulator"],
  },
  {
    crate: "campaign-gateway",
    features: ["package"],
    name: "gateway-core",
    exported: ["Gateway", "TokenProvider"],
  },
  {
    crate: "campaign-gateway",
    features: ["package", "worker"],
    name: "cloudflare-core",
    exported: ["Worker", "Writer"],
    // Cloudflare compiles modules only when the Worker is deployed.
    isInlined: false,
  },
];

/** @param {string} folder @param {readonly import("./lib/wasm.mjs").Module[]} modules */
async function buildInto(folder, modules) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await forgetChanged(cargoTarget);
  // cargo compiles a module while the one before it is optimised: each of the two uses one core for most of its time.
  /** @type {Promise<void>[]} */
  const finished = [];
  for (const module of modules) {
    await new Promise((resolve, reject) => {
      const built = step(`Building ${module.name}.wasm`, async (task) => {
        const work = await compileModule(module, task);
        resolve(undefined);
        const bytes = await finishModule(module, work, folder, task);
        if (module.isInlined === false) return;
        const hexadecimal = Buffer.from(bytes).toString("hex");
        writeFileSync(join(folder, `${module.name}.wasm.js`), `export default "${hexadecimal}";\n`);
      });
      built.catch(reject);
      finished.push(built);
    });
  }
  await Promise.all(finished);
  // The declarations of generated files are only for this project's type check.
  for (const source of ["js", "cloudflare"]) {
    cpSync(join(root, source), folder, { recursive: true, filter: (file) => !/core(\.wasm)?\.d\.ts$/.test(file) });
  }
}

/** Builds the package, unless it is up to date. */
export async function build() {
  await setUp("node", "rust", "npm", "tools");
  const hash = hashOf(INPUTS);
  if (isUpToDate(hash)) return;

  // In another folder first, so that a failed build leaves the last good dist/.
  const next = join(root, "target", "dist");
  await buildInto(next, MODULES);
  writeFileSync(join(next, "THIRD-PARTY.md"), await thirdParty(MODULES));
  for (const budget of budgets) {
    await step(`Measuring ${budget.name}`, async (task) => task.note(report(await measure(next, budget), budget)));
  }
  rmSync(dist, { recursive: true, force: true });
  renameSync(next, dist);
  stamp(distStamp, hash);
}

const distStamp = join(root, "target", "dist.stamp");

/** Whether dist/ is built from the current sources. @param {string} [hash] of the sources */
export const isUpToDate = (hash = hashOf(INPUTS)) => isStamped(distStamp, hash) && isFile(join(dist, "index.js"));

/**
 * Builds the two clients with a trap in them, for the tests of traps. Never part of the package.
 *
 * @returns {Promise<string>} the folder
 */
export async function buildTrap() {
  await setUp("node", "rust", "npm", "tools");
  const folder = join(root, "target", "trap-dist");
  const mark = join(root, "target", "trap-dist.stamp");
  const hash = hashOf(INPUTS, ["trap"]);
  if (isStamped(mark, hash) && isFile(join(folder, "index.js"))) return folder;
  const clients = MODULES.filter(({ crate }) => crate === "campaign-workflow");
  const trapping = clients.map((module) => ({ ...module, features: [...module.features, "trap"], isForTests: true }));
  await buildInto(folder, trapping);
  stamp(mark, hash);
  return folder;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    await build();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(error.output);
    console.error(error.message);
    process.exitCode = 1;
  }
}
