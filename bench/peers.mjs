// @ts-check
// The clients that a user could pick instead. Each sends the same command in the way its own documentation shows.

/**
 * @typedef {{ organization: string, workflowId: string, command: "start", accessToken: string, apiKey: string, baseUrl: string }} Order
 */
/**
 * @typedef {object} Peer
 * @property {string} name
 * @property {string} [package] its npm package, if it has one
 * @property {string} module    exports `send`; relative to this folder
 * @property {boolean} stubbable it calls the global fetch
 * @property {boolean} browser  it also supports browsers
 */

/** The base of the comparisons. */
export const byHand = "by hand";
export const ours = "campaign-workflow";

/** @type {readonly Peer[]} */
export const peers = [
  { name: byHand, module: "./by-hand.mjs", stubbable: true, browser: true },
  { name: "fetch", module: "./peers/fetch.mjs", stubbable: true, browser: true },
  { name: ours, package: ours, module: "./ours.mjs", stubbable: true, browser: true },
  { name: "ky", package: "ky", module: "./peers/ky.mjs", stubbable: true, browser: true },
  { name: "ofetch", package: "ofetch", module: "./peers/ofetch.mjs", stubbable: true, browser: true },
  { name: "wretch", package: "wretch", module: "./peers/wretch.mjs", stubbable: true, browser: true },
  { name: "axios", package: "axios", module: "./peers/axios.mjs", stubbable: true, browser: true },
  {
    name: "aio-lib-campaign-standard",
    package: "@adobe/aio-lib-campaign-standard",
    module: "./peers/aio.mjs",
    stubbable: false,
    browser: false,
  },
];

/** @param {Peer} peer @returns {Promise<(order: Order) => Promise<unknown>>} */
export const load = async ({ module }) => (await import(module)).send;

/** @type {Order} */
export const order = {
  organization: "acme",
  workflowId: "WKF42",
  command: "start",
  accessToken: "eyJhbGciOiJSUzI1NiJ9.bench-token-of-a-usual-length-which-is-about-a-kilobyte-in-reality",
  apiKey: "0123456789abcdef0123456789abcdef",
  baseUrl: "http://127.0.0.1:9",
};
