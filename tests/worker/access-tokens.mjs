// @ts-check
// Cloudflare Access for the tests: a team's signing keys, the address that serves them, and valid and invalid tokens.

import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { fetch, Response } from "miniflare";

export const team = "acme";
export const audience = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
export const issuer = `https://${team}.cloudflareaccess.com`;

/** Served without its algorithm, so the Worker has to set it. @param {string} kid */
export async function signingKey(kid) {
  const { publicKey, privateKey } = await generateKeyPair("RS256", { extractable: true });
  return { kid, privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid, use: "sig" } };
}

/** @typedef {Awaited<ReturnType<typeof signingKey>>} SigningKey */

/**
 * A token of Access with changes. A claim that is undefined is left out.
 * @param {SigningKey} key
 * @param {Record<string, unknown>} [claims]
 * @param {{ alg?: string, signer?: Parameters<SignJWT["sign"]>[0], kid?: string }} [options]
 */
export function tokenOf(key, claims = {}, { alg = "RS256", signer = key.privateKey, kid = key.kid } = {}) {
  const now = Math.floor(Date.now() / 1000);
  const usual = {
    aud: [audience],
    email: "jo@example.com",
    iss: issuer,
    iat: now - 10,
    nbf: now - 10,
    exp: now + 3600,
    type: "app",
    sub: "7335d417",
    country: "DE",
  };
  const all = Object.fromEntries(Object.entries({ ...usual, ...claims }).filter(([, value]) => value !== undefined));
  return new SignJWT(all).setProtectedHeader({ alg, kid }).sign(signer);
}

/** @param {object} value */
const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** The token's claims without any signature. @param {string} token */
export const unsigned = (token) => `${part({ alg: "none" })}.${token.split(".")[1]}.`;

/** The token with another claim and the old signature. @param {string} token @param {object} claims */
export function altered(token, claims) {
  const [head, body = "", signature] = token.split(".");
  return [head, part({ ...JSON.parse(Buffer.from(body, "base64url").toString()), ...claims }), signature].join(".");
}

/** Serves the Worker's requests: the team's keys by itself, those to loopback by their servers. */
export class AccessHost {
  /** @type {SigningKey[]} */
  keys = [];
  status = 200;
  requests = 0;

  /** @param {import("miniflare").Request} request @returns {Promise<import("miniflare").Response>} */
  fetch = async (request) => {
    if (request.url !== `${issuer}/cdn-cgi/access/certs`) {
      if (!["127.0.0.1", "localhost"].includes(new URL(request.url).hostname))
        return new Response(`unexpected: ${request.url}`, { status: 599 });
      const body = ["GET", "HEAD"].includes(request.method) ? null : await request.text();
      return fetch(request.url, { method: request.method, headers: request.headers, body });
    }
    this.requests += 1;
    return Response.json({ keys: this.keys.map(({ jwk }) => jwk) }, { status: this.status });
  };
}
