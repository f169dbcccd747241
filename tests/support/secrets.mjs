// @ts-check
// The credentials of the tests, and the search for them in everything that the servers under test sent, logged or printed.

import assert from "node:assert/strict";

export const organization = "acme-mkt-stage";

/** Each occurs once, so that a leak shows which one it is. */
export const secrets = {
  /** What a caller presents to a gateway. */
  callerKey: "the-gateway-secret-3f9c51",
  accessToken: "the-access-token-a7724e",
  apiKey: "the-api-key-90bd16",
  clientSecret: "the-client-secret-5b1e77",
};

/** Everything that was collected, in order. @type {string[]} */
export const outputs = [];

/** @param {unknown} output a text, or a value that is searched as JSON */
export function collect(output) {
  outputs.push(typeof output === "string" ? output : (JSON.stringify(output) ?? String(output)));
}

/** Fails if an output holds a secret, as it is or encoded. @param {Record<string, string>} [more] further secrets */
export function assertNoSecrets(more = {}) {
  assert.ok(outputs.length > 0, "no output was collected");
  for (const [name, secret] of Object.entries({ ...secrets, ...more })) {
    for (const form of [secret, encodeURIComponent(secret), btoa(secret)]) {
      const found = outputs.filter((text) => text.includes(form)).length;
      assert.equal(found, 0, `${name} is in ${found} of ${outputs.length} outputs`);
    }
  }
}
