// Who is signed in by Cloudflare Access. Access puts a token into each request that it lets through; that the header is there
// proves nothing, so its signature, issuer, audience and times are verified here.

import { createRemoteJWKSet, errors, jwtVerify } from "jose";
import { type Policies, readPolicies } from "./policies";

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
 * Null if Access is not configured. Half a configuration is none: without an audience, a token for any other application of the
 * team would do.
 * @throws {TypeError} if a variable is wrong
 */
export function readAccess({
  ACCESS_TEAM: team = "",
  ACCESS_AUD: audience = "",
  POLICIES,
}: AccessVariables): Access | null {
  const policies = readPolicies(POLICIES);
  if (team === "" && audience === "" && Object.keys(policies).length === 0) return null;
  if (!/^[a-z0-9-]+$/.test(team))
    throw new TypeError("ACCESS_TEAM must be the <team> of https://<team>.cloudflareaccess.com");
  if (!/^\w{16,}$/.test(audience))
    throw new TypeError("ACCESS_AUD must be the Application Audience tag of the Access application");
  return { issuer: `https://${team}.cloudflareaccess.com`, audience, policies };
}

/** The team's keys, fetched once for an isolate: again after ten minutes, and for a key that is new. */
const keySets = new Map<string, ReturnType<typeof createRemoteJWKSet>>();

/** One request may ask for a hundred commands: its token is verified once. */
const users = new WeakMap<Request, Promise<string | null>>();

/** The user's address, or the Client ID of a service token; null if the token is none of Access for this application. */
export function userOf(request: Request, access: Access): Promise<string | null> {
  const user = users.get(request) ?? verify(request.headers.get(tokenHeader) ?? "", access);
  users.set(request, user);
  return user;
}

/** Anything but a token that is wrong is thrown, which the package answers with 500: keys that can't be had are no refusal. */
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
    console.error(
      JSON.stringify({ time: new Date().toISOString(), message: "No user of Access", code, reason: message }),
    );
    const noKeys = ["ERR_JOSE_GENERIC", "ERR_JWKS_TIMEOUT", "ERR_JWKS_INVALID"];
    if (error instanceof errors.JOSEError && !noKeys.includes(error.code)) return null;
    throw error;
  }
}
