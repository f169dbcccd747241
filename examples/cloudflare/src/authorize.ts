// Who may do what. Everything is refused until Cloudflare Access or a caller's key is configured.

import type { AskedOperation } from "campaign-workflow/cloudflare";
import { type AccessVariables, readAccess, tokenHeader, userOf } from "./access";
import { authorizeInDemo, type DemoVariables, isDemo } from "./demo-sign-in";
import { allows } from "./policies";

export interface AuthorizeVariables extends AccessVariables, DemoVariables {
  /** Secret: what a server sends as `Authorization: Bearer …`. It allows everything. Shorter than 16 characters, it allows nothing. */
  CALLER_KEY?: string;
}

/**
 * The caller's name, if they may do what they ask for, else null. It goes into the history and owns the caller's idempotency keys.
 * A request with an Access token stands or falls by it; a key beside it is not looked at.
 */
export async function authorize(
  request: Request,
  asked: AskedOperation,
  env: AuthorizeVariables,
): Promise<string | null> {
  const access = readAccess(env);
  if (access && request.headers.has(tokenHeader)) {
    const user = await userOf(request, access);
    return user !== null && allows(access.policies, user, asked) ? user : null;
  }
  if (request.headers.has("authorization"))
    return (await hasKey(request, env.CALLER_KEY ?? "")) ? "bearer of the key" : null;
  return isDemo(request, env) ? authorizeInDemo(request, asked.command) : null;
}

async function hasKey(request: Request, key: string): Promise<boolean> {
  const given = /^Bearer (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (given === undefined || key.length < 16) return false;
  // Digests have the same length, so the comparison takes the same time wherever the two differ.
  const [a, b] = [given, key].map((text) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))) as [
    Promise<ArrayBuffer>,
    Promise<ArrayBuffer>,
  ];
  return crypto.subtle.timingSafeEqual(await a, await b);
}
