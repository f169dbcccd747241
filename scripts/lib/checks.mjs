// @ts-check
// What `npm test` checks: the list, in the order in which it runs. The quick and the likely to fail come first.

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
 *   what has to be up while the commands run
 */
/** @typedef {{ command: string, args: readonly string[], env?: Record<string, string> }} Command */

const wasm = ["--target", "wasm32-unknown-unknown"];

/** @param {...string} args @returns {Command} */
const cargo = (...args) => ({ command: "cargo", args });

/** @returns {readonly Check[]} */
export function allChecks() {
  return [
    {
      name: "fmt",
      what: "Rust is formatted",
      needs: ["rust"],
      commands: [[], ["--manifest-path", "tools/Cargo.toml"]].map((of) =>
        cargo("fmt", "--all", "--check", ...of, "--", "--color=never"),
      ),
    },
    {
      name: "clippy",
      what: "clippy, native",
      needs: ["rust"],
      commands: [cargo("clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings")],
    },
    {
      name: "clippy-wasm",
      what: "clippy, wasm32",
      needs: ["rust"],
      commands: [
        cargo("clippy", "--locked", "--workspace", "--all-targets", ...wasm, "--", "-D", "warnings"),
        cargo("clippy", "--locked", "-p", "campaign-workflow", "--features", "client", ...wasm, "--", "-D", "warnings"),
        cargo("clippy", "--locked", "-p", "campaign-gateway", "--features", "worker", ...wasm, "--", "-D", "warnings"),
      ],
    },
    {
      name: "lint",
      what: "Biome: JavaScript, TypeScript, CSS and JSON are linted and formatted",
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
      needs: ["npm"],
      commands: [
        "tsconfig.json",
        "tests/types/tsconfig.json",
        "tests/types/tsconfig.dom.json",
        "tests/types/tsconfig.www.json",
        "tests/types/tsconfig.readme.json",
        "examples/cloudflare/tsconfig.json",
      ].map(tsc),
    },
    {
      name: "rust",
      what: "cargo test, native",
      needs: ["rust"],
      commands: [cargo("test", "--locked", "--workspace", "--no-fail-fast")],
      counts: cargoCounts,
    },
    {
      name: "docs",
      what: "cargo doc without warnings",
      needs: ["rust"],
      commands: [{ ...cargo("doc", "--locked", "--workspace", "--no-deps"), env: { RUSTDOCFLAGS: "-D warnings" } }],
    },
    {
      name: "wasm-node",
      what: "wasm-bindgen-test in Node",
      needs: ["tools", "build"],
      commands: [wasmTests()],
      counts: cargoCounts,
      around: campaignForTests,
    },
    {
      name: "wasm-browser",
      what: "wasm-bindgen-test in Chromium",
      needs: ["tools", "build", "browser"],
      commands: [{ ...wasmTests(), env: { WASM_BINDGEN_USE_BROWSER: "1" } }],
      counts: cargoCounts,
      around: async () => {
        const campaign = await campaignForTests();
        // The runner would take any other driver before chromedriver.
        const others = { GECKODRIVER: undefined, SAFARIDRIVER: undefined, CHROMEDRIVER_REMOTE: undefined };
        return {
          ...campaign,
          env: { ...campaign.env, ...others, WASM_BINDGEN_TEST_WEBDRIVER_JSON: writeWebdriverFile() },
        };
      },
    },
    nodeTests("emulator", "the emulator package, and Adobe's own SDK against it", ["build"]),
    nodeTests("gateway", "the gateway, in Node and in workerd", ["build"]),
    nodeTests("worker", "the Worker to deploy: objects, queue, schedule, kills", ["build"], { atOnce: 2 }),
    nodeTests(
      "openapi",
      "the Worker in workerd against its OpenAPI description, by schemathesis",
      ["schemathesis", "build"],
      {
        folder: "worker/openapi",
      },
    ),
    nodeTests("chain", "the packed client, the Worker in workerd and Campaign, with faults at every hop", ["build"], {
      atOnce: 2,
    }),
    nodeTests("client", "one command and WorkflowClient, over real sockets with faults; traps; short soaks", ["build"]),
    nodeTests("budgets", "size, CPU time and memory of the client", ["build"], {
      folder: "package",
      only: isBudgetTest,
    }),
    nodeTests(
      "package",
      "the packed tarball, npm start, and what wrangler makes of the README's Worker and the example",
      ["build"],
      {
        only: (name) => !isBudgetTest(name),
      },
    ),
    nodeTests("runtimes", "the tarball in Node, workerd and Chromium", ["build", "browser"]),
    nodeTests("page", "the page in Chromium", ["build", "browser"], { atOnce: 2 }),
  ];
}

/** @param {string} project @returns {Command} */
const tsc = (project) => ({ command: process.execPath, args: ["node_modules/typescript/bin/tsc", "-p", project] });

/** The runner is given as a list: a path with a space in it would be split otherwise. @returns {Command} */
function wasmTests() {
  const runner = `target.wasm32-unknown-unknown.runner=[${JSON.stringify(wasmBindgenTestRunner)}]`;
  const command = cargo("test", "--locked", "-p", "campaign-workflow", ...wasm, "--test", "wasm", "--config", runner);
  return { ...command, env: { WASM_BINDGEN_TEST_TIMEOUT: "120", WASM_BINDGEN_TEST_DRIVER_TIMEOUT: "30" } };
}

/** What the client costs is measured without another test beside it. @param {string} name of a file */
const isBudgetTest = (name) => name === "budgets.test.mjs";

/**
 * The tests of one folder.
 * @param {string} name @param {string} what @param {Check["needs"]} needs
 * @param {{ folder?: string, only?: (name: string) => boolean, atOnce?: number }} [options] folder: below tests/, default the name;
 *   only: which of its files; atOnce: how many files run side by side, for tests that wait more than they work
 * @returns {Check}
 */
function nodeTests(name, what, needs, { folder = name, only = () => true, atOnce } = {}) {
  const path = join(root, "tests", folder);
  const names = existsSync(path) ? readdirSync(path).filter((file) => file.endsWith(".test.mjs") && only(file)) : [];
  // Without a file, node would search the whole project; this way it says that the folder is not there.
  const files = names.length > 0 ? names.sort().map((file) => join("tests", folder, file)) : [join("tests", folder)];
  const more = atOnce === undefined ? [] : [`--test-concurrency=${atOnce}`];
  const args = ["--test", ...more, "--test-reporter=spec", "--test-reporter-destination=stdout", ...files];
  return {
    name,
    what,
    needs: ["node", "npm", ...needs],
    commands: [{ command: process.execPath, args }],
    counts: nodeCounts,
  };
}
