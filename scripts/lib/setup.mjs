// @ts-check
// Installs what a build or a test needs. Each need first checks whether it is met, prints what it installs, and names the remedy if it
// fails. This file imports only node: modules, because it runs before `npm ci`.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { attempt, Failure, npm, run } from "./process.mjs";
import { findBrowser, installBrowser } from "./browser.mjs";
import { setUpSchemathesis } from "./python.mjs";
import { isFile, isFolder, putCargoInPath, root, toolsTarget, wasmBindgen, wasmBindgenTestRunner } from "./paths.mjs";
import { hashOf, isStamped, stamp } from "./stamp.mjs";
import { step } from "./terminal.mjs";

/** @typedef {import("./terminal.mjs").Task} Task */
/** @typedef {"node" | "rust" | "npm" | "tools" | "browser" | "schemathesis"} Need */

/** @type {Record<Need, { title: string, meet: (task: Task) => Promise<void> | void, first?: Need }>} */
const needs = {
  node: { title: "Node", meet: node },
  rust: { title: "Rust with wasm32-unknown-unknown", meet: rust },
  npm: { title: "npm packages", meet: npmPackages, first: "node" },
  tools: { title: "wasm-bindgen and its test runner", meet: tools, first: "rust" },
  browser: { title: "Chromium and chromedriver", meet: browser },
  schemathesis: { title: "schemathesis, in Python", meet: setUpSchemathesis },
};

/** @type {Map<Need, Promise<void>>} */
const met = new Map();

/**
 * Meets needs in order, each once per process. A need that failed fails again without another attempt.
 * @param {...Need} names
 */
export async function setUp(...names) {
  for (const name of names) {
    const { title, meet, first } = needs[name];
    if (first) await setUp(first);
    let done = met.get(name);
    if (!done) met.set(name, (done = step(title, meet)));
    await done;
  }
}

/** @param {Task} task */
function node(task) {
  const required = /** @type {string} */ (JSON.parse(readFileSync(join(root, "package.json"), "utf8")).engines.node);
  const least = required.match(/\d+(\.\d+)*/)?.[0] ?? "0";
  if (compareVersions(process.versions.node, least) < 0) {
    throw new Failure(
      `This needs Node ${required}; this is ${process.versions.node}. Install a newer one: https://nodejs.org`,
    );
  }
  task.note(process.versions.node);
}

/** @param {string} a @param {string} b */
export function compareVersions(a, b) {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  for (let i = 0; i < 3; i += 1) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** @param {Task} task */
async function rust(task) {
  putCargoInPath();
  if ((await attempt("rustup", ["--version"])).code !== 0) {
    throw new Failure("rustup is missing. Install it from https://rustup.rs, open a new terminal and try again.");
  }
  const version = await toolchain(task);
  // rust-toolchain.toml names targets and components, but not every rustup adds them to an installed toolchain.
  const sysroot = (await run("rustc", ["--print", "sysroot"])).trim();
  if (!isFolder(join(sysroot, "lib", "rustlib", "wasm32-unknown-unknown", "lib"))) {
    task.doing("rustup target add wasm32-unknown-unknown");
    await run("rustup", ["target", "add", "wasm32-unknown-unknown"], { onLine: task.status, remedy: noNetwork });
  }
  const tools = { rustfmt: "rustfmt", clippy: "cargo-clippy" };
  for (const [component, program] of Object.entries(tools)) {
    if (isFile(join(sysroot, "bin", program)) || isFile(join(sysroot, "bin", `${program}.exe`))) continue;
    task.doing(`rustup component add ${component}`);
    await run("rustup", ["component", "add", component], { onLine: task.status, remedy: noNetwork });
  }
  task.note(version);
}

const noNetwork = "Is there a network connection? Its output is above.";

/**
 * rustup downloads the pinned toolchain at its first use. Without a network, an installed one of the same version with another name
 * ("stable") is used.
 * @param {Task} task @returns {Promise<string>} the version
 */
async function toolchain(task) {
  const first = await attempt("rustc", ["--version"], { onLine: task.status });
  const found = first.stdout.match(/^rustc (\S+)/m)?.[1];
  if (first.code === 0 && found) return found;
  const pinned = readFileSync(join(root, "rust-toolchain.toml"), "utf8").match(/^channel = "(.+)"$/m)?.[1];
  const names = (await attempt("rustup", ["toolchain", "list"])).stdout.match(/^\S+-\S+/gm) ?? [];
  for (const name of names) {
    const { stdout } = await attempt("rustc", ["--version"], { env: { RUSTUP_TOOLCHAIN: name } });
    if (pinned && stdout.startsWith(`rustc ${pinned} `)) {
      process.env.RUSTUP_TOOLCHAIN = name;
      return `${pinned} (${name})`;
    }
  }
  throw new Failure(`Rust ${pinned} could not be installed. Try: rustup toolchain install ${pinned}`, first.output);
}

/** @param {Task} task */
async function npmPackages(task) {
  if (installedAsLocked()) return;
  task.doing("npm ci");
  await run(...npm("ci", "--include=dev", "--no-audit", "--no-fund"), { onLine: task.status, remedy: noNetwork });
  task.note("npm ci");
}

/** Compares npm's record of the installed packages with the lock file. Packages for other platforms may be absent. */
function installedAsLocked() {
  const locked = packagesOf(join(root, "package-lock.json"));
  const installed = packagesOf(join(root, "node_modules", ".package-lock.json"));
  if (!locked || !installed) return false;
  return Object.entries(locked).every(([path, entry]) => {
    if (path === "") return true;
    const there = installed[path];
    return there ? there.version === entry.version : Boolean(entry.optional || entry.peer);
  });
}

/** @param {string} file @returns {Record<string, { version?: string, optional?: boolean, peer?: boolean }> | null} */
function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch {
    return null;
  }
}

/** @param {Task} task */
async function tools(task) {
  const hash = hashOf(["tools"], [await run("rustc", ["--version"])]);
  const mark = join(toolsTarget, "stamp");
  if (isStamped(mark, hash) && isFile(wasmBindgen) && isFile(wasmBindgenTestRunner)) return;
  task.doing("cargo builds them, one to two minutes");
  const args = ["build", "--locked", "--bins", "--manifest-path", "tools/Cargo.toml", "--target-dir", toolsTarget];
  await run("cargo", args, { onLine: task.status, remedy: noNetwork });
  stamp(mark, hash);
  task.note("built");
}

/** @param {Task} task */
async function browser(task) {
  let found = findBrowser();
  if (found.missing) {
    await installBrowser(found.missing, task);
    found = findBrowser();
    if (found.missing) throw new Failure(`${found.missing} and could not be installed.`);
  }
  process.env.CHROMIUM_PATH = found.chromium;
  process.env.CHROMEDRIVER = found.chromedriver;
  task.note(found.chromium);
}
