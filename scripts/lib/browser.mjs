// @ts-check
// Finds the browser of the tests: Chromium (or Chrome) and its chromedriver.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure, run } from "./process.mjs";
import { isProgram, root, which } from "./paths.mjs";

const chromiumNames = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const macPaths = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

const remedy =
  "On Debian or Ubuntu: sudo apt-get install chromium chromium-driver. Elsewhere install Chrome or Chromium and the " +
  "chromedriver of the same version (https://googlechromelabs.github.io/chrome-for-testing/), put them in PATH or " +
  "name them in CHROMIUM_PATH and CHROMEDRIVER.";

/**
 * By CHROMIUM_PATH and CHROMEDRIVER, or in PATH under one of their usual names.
 * @returns {{ chromium: string, chromedriver: string, missing: string }} missing: the names of the missing ones, or empty
 */
export function findBrowser() {
  const chromium = named("CHROMIUM_PATH") ?? firstOf(chromiumNames) ?? macPaths.find(isProgram) ?? "";
  const chromedriver = named("CHROMEDRIVER") ?? which("chromedriver") ?? "";
  const missing = [chromium ? "" : "Chromium", chromedriver ? "" : "chromedriver"].filter(Boolean);
  return { chromium, chromedriver, missing: missing.length > 0 ? `${missing.join(" and ")} not found` : "" };
}

/** @param {string} variable */
function named(variable) {
  const path = process.env[variable];
  if (!path) return undefined;
  if (!isProgram(path)) throw new Failure(`${variable} is "${path}", which is not a program.`);
  return path;
}

/** @param {readonly string[]} names */
function firstOf(names) {
  return names.map(which).find((path) => path !== null);
}

/**
 * Installs the packages of Debian, as root. On other systems the user has to install them.
 * @param {string} missing @param {import("./terminal.mjs").Task} task
 */
export async function installBrowser(missing, task) {
  if (process.getuid?.() !== 0 || !which("apt-get")) throw new Failure(`${missing}. ${remedy}`);
  const options = { env: { DEBIAN_FRONTEND: "noninteractive" }, onLine: task.status, remedy };
  task.doing("apt-get install chromium chromium-driver");
  await run("apt-get", ["update", "-qq"], options);
  await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium", "chromium-driver"], options);
  task.note("installed");
}

/**
 * Names the Chromium that was found to chromedriver, which would look elsewhere.
 * @returns {string} the file that wasm-bindgen-test-runner reads the session's capabilities from
 */
export function writeWebdriverFile() {
  const file = join(root, "target", "webdriver.json");
  mkdirSync(join(root, "target"), { recursive: true });
  writeFileSync(file, JSON.stringify({ "goog:chromeOptions": { binary: findBrowser().chromium } }));
  return file;
}
