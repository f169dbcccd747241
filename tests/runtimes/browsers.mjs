// @ts-check
// Browsers without a driver: each opens one address with a new profile, and the page sends its own report.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findBrowser } from "../../scripts/lib/browser.mjs";
import { isProgram, which } from "../../scripts/lib/paths.mjs";
import { runProgram, startProgram } from "../support/program.mjs";
import { temporaryFolder } from "../support/temporary-folder.mjs";
import { Missing } from "./tools.mjs";

/**
 * @typedef {object} Browser
 * @property {string} name
 * @property {string} title
 * @property {() => string} find  its program
 * @property {(profile: string) => string[]} args  those before the address
 */

/** Debian's name, the usual name, and the path on a Mac. */
const firefoxNames = ["firefox-esr", "firefox"];
const firefoxOnMac = "/Applications/Firefox.app/Contents/MacOS/firefox";

const firefoxPreferences = {
  "app.normandy.enabled": false,
  "app.update.enabled": false,
  "browser.aboutwelcome.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "toolkit.telemetry.enabled": false,
};

/** @type {readonly Browser[]} */
export const browsers = [
  {
    name: "chromium",
    title: "Chromium",
    find: () => findBrowser().chromium || missing("Chromium", "CHROMIUM_PATH"),
    args: (profile) => [
      "--headless=new",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      `--user-data-dir=${profile}`,
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    ],
  },
  {
    name: "firefox",
    title: "Firefox",
    find: () => {
      const named = process.env.FIREFOX_PATH;
      if (named) return named;
      const found = firefoxNames.map(which).find(Boolean) ?? (isProgram(firefoxOnMac) ? firefoxOnMac : null);
      return found ?? missing("Firefox", "FIREFOX_PATH");
    },
    args: (profile) => {
      const lines = Object.entries(firefoxPreferences).map(
        ([name, value]) => `user_pref(${JSON.stringify(name)}, ${value});\n`,
      );
      writeFileSync(join(profile, "user.js"), lines.join(""));
      return ["--headless", "--no-remote", "--profile", profile];
    },
  },
];

/** @param {string} title @param {string} variable @returns {never} */
function missing(title, variable) {
  throw new Missing(`${title} was not found; ${variable} may name it`);
}

/** @param {Browser} browser @returns {Promise<string>} empty where there is none */
export async function versionOf(browser) {
  try {
    const output = await runProgram(browser.find(), ["--version"], { cwd: process.cwd() });
    return output.match(/\d+(\.\d+)*\w*/)?.[0] ?? "";
  } catch (error) {
    if (error instanceof Missing) return "";
    throw error;
  }
}

/**
 * @param {Browser} browser @param {string} url
 * @returns {Promise<{ output: () => string, ended: Promise<unknown>, close: () => Promise<void> }>}
 */
export async function open(browser, url) {
  const { folder, remove } = temporaryFolder();
  const profile = join(folder, "profile");
  mkdirSync(profile);
  const args = [...browser.args(profile), url];
  // A new home folder, so the user's own files stay untouched.
  const { output, ended, stop } = await startProgram(browser.find(), args, {
    cwd: folder,
    env: { HOME: folder },
    ready: () => true,
  });
  return { output, ended, close: async () => (await stop(), remove()) };
}
