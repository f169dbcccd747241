// Decides who may do what. It refuses everything until Cloudflare Access or a caller key is configured.

import type { AskedOperation } from "campaign-workflow/cloudflare";
import { type AccessVariables, readAccess, tokenHeader, userOf } from "./access";
import { authorizeInDemo, type DemoVariables, isDemo } from "./demo-sign-in";
import { allows } from "./policies";

export interface AuthorizeVariables extends AccessVariables, DemoVariables {
  /** Secret: servers send it as `Authorization: Bearer …`. It allows everything, or nothing if it has fewer than 16 characters. */
  CALLER_KEY?: string;
}

/**
 * The caller's name, or null to refuse. The name goes into the history and owns the caller's idempotency keys. If a request has an
 * Access token, the token alone decides; a key beside it does not count.
 */
export async function authorize(request: Request, asked: AskedOperation, env: AuthorizeVariables) {
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
  const token = /^Bearer (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (token === undefined || key.length < 16) return false;
  // Digests have one length, so the comparison takes the same time wherever two texts differ.
  return crypto.subtle.timingSafeEqual(await digest(token), await digest(key));
}

const digest = (text: string) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
