// A stand-in for signing in, for the demo on one's own machine: whoever asks chooses who they are, and a cookie keeps it. It works
// only where the variable DEMO_SIGN_IN is true, and on a loopback address, so that it can't be left on in a Worker that is deployed.
//
//   GET  /sign-in                      {"role": "operator"}; null before anybody has chosen
//   POST /sign-in  {"role": "viewer"}

import { problemResponse } from "./problems";

export type DemoVariables = { DEMO_SIGN_IN?: unknown };

const roles = ["operator", "viewer", "nobody"];
const cookie = "campaign-workflow-demo-role";

export async function signIn(request: Request, env: DemoVariables): Promise<Response> {
  if (!isDemo(request, env)) return problemResponse(404, "Not Found");
  if (request.method === "GET") return roleResponse(roleOf(request));
  if (request.method !== "POST") return problemResponse(405, "Method Not Allowed", {}, { allow: "GET, POST" });
  const origin = request.headers.get("origin");
  if (origin !== null && origin !== new URL(request.url).origin) return problemResponse(403, "Forbidden");
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get("content-type") ?? ""))
    return problemResponse(415, "Unsupported Media Type");
  const given = await request.json<{ role?: string } | null>().catch(() => null);
  const role = roles.find((one) => one === given?.role);
  return role
    ? roleResponse(role, { "set-cookie": `${cookie}=${role}; Path=/; HttpOnly; SameSite=Strict` })
    : problemResponse(400, "Bad Request");
}

/** Operators may do everything, viewers may look, and whoever is not signed in may do nothing. */
export function authorizeInDemo(request: Request, operation: string): string | null {
  const role = roleOf(request);
  return role === "operator" || (role === "viewer" && operation === "read") ? role : null;
}

/** Whether it is switched on: by `true`, and by no other word, and at a loopback address. */
export function isDemo(request: Request, { DEMO_SIGN_IN: value }: DemoVariables): boolean {
  return (
    (value === true || value === "true") &&
    /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(new URL(request.url).hostname)
  );
}

function roleOf(request: Request): string | null {
  const pairs = (request.headers.get("cookie") ?? "").split(/;\s*/);
  return roles.find((role) => pairs.includes(`${cookie}=${role}`)) ?? null;
}

function roleResponse(role: string | null, headers: HeadersInit = {}): Response {
  return Response.json({ role }, { headers: { "cache-control": "no-store", ...headers } });
}
