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

/** For tests that wait more than they work, where each file has servers of its own. */
const sideBySide = ["--test-concurrency=2"];

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
    nodeTests("emulator", "the emulator package", ["build"]),
    nodeTests("gateway", "the gateway, in Node and in workerd", ["build"]),
    nodeTests("worker", "the Worker to deploy: objects, queue, schedule, kills", ["build"], sideBySide),
    nodeTests("openapi", "the Worker in workerd against its OpenAPI description, by schemathesis", [
      "schemathesis",
      "build",
    ]),
    nodeTests(
      "chain",
      "the packed client, the Worker in workerd and Campaign, with faults at every hop",
      ["build"],
      sideBySide,
    ),
    nodeTests("network", "faults over real sockets, traps, a short soak", ["build"]),
    nodeTests("adobe-sdk", "Adobe's own SDK against the local Campaign", ["build"]),
    nodeTests("client", "reading, signals, waiting, many commands", ["build"]),
    nodeTests("budgets", "size, CPU time and memory of the client", ["build"]),
    nodeTests("package", "the packed tarball, npm start", ["build"]),
    nodeTests("deploy", "what wrangler makes of the README's Worker and of the example, from an empty folder", [
      "build",
    ]),
    nodeTests("runtimes", "the tarball in Node, workerd and Chromium", ["build", "browser"]),
    nodeTests("page", "the page in Chromium", ["build", "browser"], sideBySide),
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

/**
 * @param {string} folder below tests/ @param {string} what @param {Check["needs"]} needs @param {readonly string[]} [more] options of Node
 * @returns {Check}
 */
function nodeTests(folder, what, needs, more = []) {
  const path = join(root, "tests", folder);
  const names = existsSync(path)
    ? readdirSync(path)
        .filter((name) => name.endsWith(".test.mjs"))
        .sort()
    : [];
  // Without a file, node would search the whole project; this way it says that the folder is not there.
  const files = names.length > 0 ? names.map((name) => join("tests", folder, name)) : [join("tests", folder)];
  const args = ["--test", ...more, "--test-reporter=spec", "--test-reporter-destination=stdout", ...files];
  return {
    name: folder,
    what,
    needs: ["node", "npm", ...needs],
    commands: [{ command: process.execPath, args }],
    counts: nodeCounts,
  };
}
