// @ts-check
// The checks of `npm test`, in the order in which they start: the quick ones first, then the long ones.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { cargoCounts, nodeCounts } from "./counts.mjs";
import { campaignForTests } from "./campaign-for-tests.mjs";
import { root, wasmBindgenTestRunner } from "./paths.mjs";
import { writeWebdriverFile } from "./browser.mjs";

/**
 * @typedef {object} Check
 * @property {string} name
 * @property {string} what
 * @property {readonly (import("./setup.mjs").Need | "build")[]} needs
 * @property {readonly Command[]} commands
 * @property {(output: string) => import("./counts.mjs").Counts} [counts] absent: the check counts as one test
 * @property {() => Promise<{ env: Record<string, string | undefined>, close: () => Promise<void> }>} [around]
 *   starts the servers that the commands need
 * @property {"cargo" | "beside"} runs  cargo: it locks cargo's folder; beside: with any other
 */
/** @typedef {{ command: string, args: readonly string[], env?: Record<string, string> }} Command */

const wasm = ["--target", "wasm32-unknown-unknown"];

/** The crates with a second module in the package, and the features of that one. */
const crates = ["-p", "campaign-workflow", "-p", "campaign-gateway"];
const features = "campaign-workflow/client,campaign-gateway/worker";

/** @param {...string} args @returns {Command} */
const cargo = (...args) => ({ command: "cargo", args });

/** @returns {readonly Check[]} */
export function allChecks() {
  return [
    {
      name: "fmt",
      what: "Rust is formatted",
      runs: "beside",
      needs: ["rust"],
      commands: [[], ["--manifest-path", "tools/Cargo.toml"]].map((of) =>
        cargo("fmt", "--all", "--check", ...of, "--", "--color=never"),
      ),
    },
    {
      name: "lint",
      what: "Biome: JavaScript, TypeScript, CSS and JSON are linted and formatted",
      runs: "beside",
      needs: ["npm"],
      commands: [
        {
          command: process.execPath,
          args: ["node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings", "."],
        },
      ],
    },
    {
      name: "types",
      what: "tsc over JavaScript and types",
      runs: "beside",
      needs: ["npm"],
      commands: [
        "tsconfig.json",
        "tests/types/tsconfig.json",
        "tests/types/tsconfig.dom.json",
        "tests/types/tsconfig.www.json",
        "tests/types/tsconfig.node.json",
        "tests/types/tsconfig.deno.json",
        "tests/types/tsconfig.bun.json",
        "tests/types/tsconfig.readme.json",
        "examples/cloudflare/tsconfig.json",
      ].map(tsc),
    },
    {
      name: "clippy",
      what: "clippy, native",
      runs: "cargo",
      needs: ["rust"],
      commands: [cargo("clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings")],
    },
    {
      name: "clippy-wasm",
      what: "clippy, wasm32",
      runs: "cargo",
      needs: ["rust"],
      commands: [
        cargo("clippy", "--locked", "--workspace", "--all-targets", ...wasm, "--", "-D", "warnings"),
        cargo("clippy", "--locked", ...crates, "--features", features, ...wasm, "--", "-D", "warnings"),
      ],
    },
    {
      name: "rust",
      what: "cargo test, native",
      runs: "cargo",
      needs: ["rust"],
      commands: [cargo("test", "--locked", "--workspace", "--no-fail-fast")],
      counts: cargoCounts,
    },
    {
      name: "docs",
      what: "cargo doc without warnings",
      runs: "cargo",
      needs: ["rust"],
      commands: [{ ...cargo("doc", "--locked", "--workspace", "--no-deps"), env: { RUSTDOCFLAGS: "-D warnings" } }],
    },
    {
      name: "wasm-node",
      what: "wasm-bindgen-test in Node",
      runs: "cargo",
      needs: ["tools", "build"],
      commands: [wasmTests()],
      counts: cargoCounts,
      around: campaignForTests,
    },
    {
      name: "wasm-browser",
      what: "wasm-bindgen-test in Chromium",
      runs: "cargo",
      needs: ["tools", "build", "browser"],
      commands: [{ ...wasmTests(), env: { WASM_BINDGEN_USE_BROWSER: "1" } }],
      counts: cargoCounts,
      around: async () => {
        const campaign = await campaignForTests();
        // The runner prefers any other driver to chromedriver.
        const others = { GECKODRIVER: undefined, SAFARIDRIVER: undefined, CHROMEDRIVER_REMOTE: undefined };
        return {
          ...campaign,
          env: { ...campaign.env, ...others, WASM_BINDGEN_TEST_WEBDRIVER_JSON: writeWebdriverFile() },
        };
      },
    },
    nodeTests("client", "one command and WorkflowClient, over real sockets with faults; traps; short soaks", ["build"]),
    nodeTests("page", "the page in Chromium", ["build", "browser"], { atOnce: 2 }),
    nodeTests("worker", "the Worker to deploy: objects, queue, schedule, kills", ["build"], { atOnce: 2 }),
    nodeTests("examples", "the gateway for Node and the front ends, from empty folders", ["build", "browser"]),
    nodeTests("chain", "the packed client, the Worker in workerd and Campaign, with faults everywhere", ["build"], {
      atOnce: 2,
    }),
    nodeTests(
      "package",
      "the packed tarball, its size and memory, npm start, what wrangler makes of the example, and the documents",
      ["build"],
    ),
    nodeTests("gateway", "the gateway, in Node and in workerd", ["build"]),
    nodeTests(
      "openapi",
      "the Worker in workerd against its OpenAPI description, by schemathesis",
      ["schemathesis", "build"],
      {
        folder: "worker/openapi",
      },
    ),
    nodeTests("runtimes", "the tarball in Node, workerd and Chromium", ["build", "browser"]),
    nodeTests("emulator", "the emulator package, and Adobe's own SDK against it", ["build"]),
  ];
}

/** @param {string} project @returns {Command} */
const tsc = (project) => ({ command: process.execPath, args: ["node_modules/typescript-7/bin/tsc", "-p", project] });

/** The runner is passed as a list, because a path with a space would be split. @returns {Command} */
function wasmTests() {
  const runner = `target.wasm32-unknown-unknown.runner=[${JSON.stringify(wasmBindgenTestRunner)}]`;
  const command = cargo("test", "--locked", "-p", "campaign-workflow", ...wasm, "--test", "wasm", "--config", runner);
  return {
    ...command,
    env: {
      WASM_BINDGEN_TEST_TIMEOUT: "120",
      WASM_BINDGEN_TEST_DRIVER_TIMEOUT: "30",
      // They take less time than their optimization, which is for the simulations.
      CARGO_PROFILE_TEST_OPT_LEVEL: "0",
    },
  };
}

/**
 * The tests of one folder.
 * @param {string} name @param {string} what @param {Check["needs"]} needs
 * @param {{ folder?: string, atOnce?: number }} [options] folder: below tests/, default the name;
 *   atOnce: how many files run at the same time, for tests that wait more than they compute
 * @returns {Check}
 */
function nodeTests(name, what, needs, { folder = name, atOnce } = {}) {
  const path = join(root, "tests", folder);
  const names = existsSync(path) ? readdirSync(path).filter((file) => file.endsWith(".test.mjs")) : [];
  // Without a file node would search the whole project. This way it reports that the folder is missing.
  const files = names.length > 0 ? names.sort().map((file) => join("tests", folder, file)) : [join("tests", folder)];
  const more = atOnce === undefined ? [] : [`--test-concurrency=${atOnce}`];
  const args = ["--test", ...more, "--test-reporter=spec", "--test-reporter-destination=stdout", ...files];
  return {
    name,
    what,
    runs: "beside",
    needs: ["node", "npm", ...needs],
    commands: [{ command: process.execPath, args }],
    counts: nodeCounts,
  };
}
