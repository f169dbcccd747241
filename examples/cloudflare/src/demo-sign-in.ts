// A stand-in for a sign-in, for the demo on your own machine: callers choose their role, and a cookie stores it. It works only if the
// variable DEMO_SIGN_IN is true and only at a loopback address, so it can't be left on in a deployed Worker.
//
//   GET  /sign-in                      {"role": "operator"}; null before the caller has chosen
//   POST /sign-in  {"role": "viewer"}

import { notStored, problemResponse } from "./problems";

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
  const body = await request.json<{ role?: string } | null>().catch(() => null);
  const role = roles.find((one) => one === body?.role);
  return role
    ? roleResponse(role, { "set-cookie": `${cookie}=${role}; Path=/; HttpOnly; SameSite=Strict` })
    : problemResponse(400, "Bad Request");
}

/** Operators may do everything, viewers may read, and nobody else may do anything. */
export function authorizeInDemo(request: Request, operation: string): string | null {
  const role = roleOf(request);
  return role === "operator" || (role === "viewer" && operation === "read") ? role : null;
}

/** Whether the demo's sign-in is on: the variable is exactly `true`, and the address is a loopback address. */
export function isDemo(request: Request, { DEMO_SIGN_IN: value }: DemoVariables): boolean {
  const isOn = value === true || value === "true";
  return isOn && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(new URL(request.url).hostname);
}

function roleOf(request: Request): string | null {
  const pairs = (request.headers.get("cookie") ?? "").split(/;\s*/);
  return roles.find((role) => pairs.includes(`${cookie}=${role}`)) ?? null;
}

function roleResponse(role: string | null, headers: HeadersInit = {}): Response {
  return Response.json({ role }, { headers: { ...notStored, ...headers } });
}
