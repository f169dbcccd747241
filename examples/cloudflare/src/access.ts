// Verifies the token that Cloudflare Access adds to each request: its signature, issuer, audience and times. The header alone proves
// nothing, because a request can bypass Access.

import { createRemoteJWKSet, errors, jwtVerify } from "jose";
import { type Policies, readPolicies } from "./policies";
import { log } from "./problems";

export interface AccessVariables {
  /** The team's name: Access is at `https://<team>.cloudflareaccess.com`. */
  ACCESS_TEAM?: string;
  /** The Application Audience (AUD) tag of the Access application. */
  ACCESS_AUD?: string;
  /** See policies.ts. */
  POLICIES?: unknown;
}

type Access = { issuer: string; audience: string; policies: Policies };

export const tokenHeader = "cf-access-jwt-assertion";

/**
 * Null if Access is not configured. Half a configuration is an error: without an audience, a token for any other application of the
 * team would pass.
 * @throws {TypeError} if a variable is invalid
 */
export function readAccess(env: AccessVariables): Access | null {
  const { ACCESS_TEAM: team = "", ACCESS_AUD: audience = "" } = env;
  const policies = readPolicies(env.POLICIES);
  if (team === "" && audience === "" && Object.keys(policies).length === 0) return null;
  if (!/^[a-z0-9-]+$/.test(team))
    throw new TypeError("ACCESS_TEAM must be the <team> of https://<team>.cloudflareaccess.com");
  if (!/^\w{16,}$/.test(audience))
    throw new TypeError("ACCESS_AUD must be the Application Audience tag of the Access application");
  return { issuer: `https://${team}.cloudflareaccess.com`, audience, policies };
}

/** The team's keys. An isolate fetches them once, again after ten minutes, and for an unknown key. */
const keySets = new Map<string, ReturnType<typeof createRemoteJWKSet>>();

/** A request can have a hundred commands; its token is verified once. */
const users = new WeakMap<Request, Promise<string | null>>();

/** The user's address, or the Client ID of a service token; null if the token is not valid for this application. */
export function userOf(request: Request, access: Access): Promise<string | null> {
  const user = users.get(request) ?? verify(request.headers.get(tokenHeader) ?? "", access);
  users.set(request, user);
  return user;
}

/** Throws if the keys can't be fetched, because the token may be valid: the package then responds with 500. */
async function verify(token: string, { issuer, audience }: Access): Promise<string | null> {
  const keys =
    keySets.get(issuer) ?? createRemoteJWKSet(new URL(`${issuer}/cdn-cgi/access/certs`), { cooldownDuration: 5000 });
  keySets.set(issuer, keys);
  try {
    const checks = { issuer, audience, algorithms: ["RS256"], clockTolerance: 5, requiredClaims: ["exp", "iat"] };
    const { payload } = await jwtVerify(token, keys, checks);
    const name = payload.email || payload.common_name;
    return typeof name === "string" ? name.toLowerCase() : null;
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    log("The Access token could not be verified", { code, reason: message });
    const keyErrors = ["ERR_JOSE_GENERIC", "ERR_JWKS_TIMEOUT", "ERR_JWKS_INVALID"];
    if (error instanceof errors.JOSEError && !keyErrors.includes(error.code)) return null;
    throw error;
  }
}
