// @ts-check
// Who may command what. This is a stand-in: put your own sign-in here. Everything is refused until it is configured.

import { isDemo, whoMayInDemo } from "./demo-sign-in.js";

/**
 * Says who asks, if they may do what they ask for, and null if not. The name goes into the history.
 *
 * As it is, whoever sends `Authorization: Bearer <CALLER_KEY>` may do everything: good for a server of yours, and not for
 * people, who would all share one secret. For people, verify what your sign-in issues and look up their rights. Behind
 * Cloudflare Access that is the token in `Cf-Access-Jwt-Assertion`: check its signature against your team's keys, and its
 * audience. That the header is there proves nothing.
 *
 * @param {Request} request
 * @param {import("campaign-workflow/cloudflare").AskedOperation} asked command: "read" where somebody only wants to look
 * @param {Env} env
 * @returns {Promise<string | null>}
 */
export async function whoMay(request, { command }, env) {
  if (isDemo(request, env)) return whoMayInDemo(request, command);
  const secret = env.CALLER_KEY;
  const given = /^Bearer (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (!secret || secret.length < 16 || !given) return null;
  return (await equal(given, secret)) ? "bearer of the key" : null;
}

/**
 * Takes the same time wherever two texts differ: it compares their digests.
 * @param {string} left @param {string} right
 */
async function equal(left, right) {
  const digests = [left, right].map((text) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  const [a, b] = (await Promise.all(digests)).map((digest) => new Uint8Array(digest));
  if (!a || !b) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i += 1) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}
