// @ts-check
// What has to be true after a run of the fuzzer.

import { secrets } from "../../support/secrets.mjs";

/** @typedef {Awaited<ReturnType<typeof import("./fuzz-run.mjs").fuzz>>} Run */

/** Each invariant, and a function that returns its violations. @type {[string, (run: Run) => string[]][]} */
export const invariants = [
  ["every response matches the description", ({ code, output }) => (code === 0 ? [] : [output])],
  [
    "every operation succeeded at least once",
    ({ exchanges }) =>
      successes
        .filter(
          ([method, path, status]) =>
            !exchanges.some((one) => one.method === method && path.test(one.path) && one.status === status),
        )
        .map(String),
  ],
  [
    "every request has a response, and none is 500",
    ({ exchanges }) => exchanges.filter(({ status }) => status === 0 || status === 500).map(shown),
  ],
  ["a command is accepted if it is valid, and only then", ({ wrong }) => wrong],
  [
    "Campaign executed exactly the commands that were requested",
    ({ expected, executions }) => differences(expected, executions),
  ],
  [
    "Campaign triggered exactly the signals that were requested",
    ({ signals, triggered }) => differences(signals, triggered),
  ],
  [
    "Campaign got requests only for listed workflows, and only documented ones",
    ({ log, names }) =>
      log
        .filter(({ workflowId, problem }) => !names.has(workflowId ?? "") || problem !== null)
        .map((one) => `${one.method} ${one.path}: ${one.problem}`),
  ],
  [
    "an unknown outcome invites no repetition",
    ({ exchanges }) =>
      exchanges
        .filter(
          ({ status, answer, answerHeaders }) =>
            status !== 409 &&
            /^\{[^[]*"outcome":"unknown"/.test(answer) &&
            (![200, 202, 502, 504].includes(status) || answerHeaders["retry-after"] !== undefined),
        )
        .map(shown),
  ],
  [
    "no response has a secret",
    ({ exchanges }) =>
      exchanges
        .filter((one) =>
          Object.values(secrets).some((secret) => (one.answer + JSON.stringify(one.answerHeaders)).includes(secret)),
        )
        .map(shown),
  ],
];

/** @type {[string, RegExp, number][]} */
const successes = [
  ["POST", /\/commands$/, 200],
  ["POST", /\/commands$/, 202],
  ["GET", /\/execution\/WKF\d$/, 200],
  ["POST", /\/trigger\/$/, 200],
  ["GET", /\/history$/, 200],
  ["GET", /\/execution\/WKF\d\/queue$/, 200],
  ["GET", /\/dead$/, 200],
  ["GET", /\/dead\/\d+$/, 200],
  ["POST", /\/dead\/\d+$/, 202],
  ["DELETE", /\/dead\/\d+$/, 200],
  ["POST", /\/api\/queue$/, 202],
  ["GET", /\/api\/queue\/.+$/, 200],
  ["DELETE", /\/api\/queue\/.+$/, 200],
  ["GET", /\/api\/workflows$/, 200],
  ["OPTIONS", /\/commands$/, 204],
];

/** @param {import("./recording-proxy.mjs").Exchange} exchange */
const shown = ({ method, path, body, status, answer }) =>
  `${method} ${path} ${body.slice(0, 300)} → ${status} ${answer.slice(0, 600)}`;

/** @param {ReadonlyMap<string, number>} expected @param {ReadonlyMap<string, number>} found */
function differences(expected, found) {
  const names = new Set([...expected.keys(), ...found.keys()]);
  return [...names]
    .filter((name) => (expected.get(name) ?? 0) !== (found.get(name) ?? 0))
    .map((name) => `${name}: requested ${expected.get(name) ?? 0}, found ${found.get(name) ?? 0}`);
}
