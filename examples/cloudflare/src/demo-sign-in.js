// @ts-check
// Here goes your users' own authentication. This is a stand-in, for the demo on one's own machine: whoever asks chooses who
// they are, and a cookie keeps it. It works only where the variable DEMO_SIGN_IN is set, and on a loopback address.
//
//   GET  /sign-in                      {"role": "operator"}; null before anybody has chosen
//   POST /sign-in  {"role": "viewer"}

import { problemResponse } from "./problems.js";

const roles = ["operator", "viewer", "nobody"];
const cookie = "campaign-workflow-demo-role";

/** @param {Request} request @param {Env} env @returns {Promise<Response>} */
export async function signIn(request, env) {
  if (!isDemo(request, env)) return problemResponse(404, "Not Found");
  if (request.method === "GET") return said(roleOf(request));
  if (request.method !== "POST") return problemResponse(405, "Method Not Allowed", { allow: "GET, POST" });
  const origin = request.headers.get("origin");
  if (origin !== null && origin !== new URL(request.url).origin) return problemResponse(403, "Forbidden");
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get("content-type") ?? "")) return problemResponse(415, "Unsupported Media Type");
  const given = await request.json().catch(() => null);
  if (!roles.includes(given?.role)) return problemResponse(400, "Bad Request");
  return said(given.role, { "set-cookie": `${cookie}=${given.role}; Path=/; HttpOnly; SameSite=Strict` });
}

/**
 * Operators may do everything, viewers may look, and whoever is not signed in may do nothing.
 * @param {Request} request @param {string} command "read": to look
 * @returns {string | null}
 */
export function whoMayInDemo(request, command) {
  const role = roleOf(request);
  return role === "operator" || (role === "viewer" && command === "read") ? role : null;
}

/**
 * Whether it is switched on: by `true`, and by no other word, and at a loopback address.
 * @param {Request} request @param {Env} env
 */
export function isDemo(request, env) {
  const isOn = env.DEMO_SIGN_IN === true || env.DEMO_SIGN_IN === "true";
  return isOn && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(new URL(request.url).hostname);
}

/** @param {Request} request */
function roleOf(request) {
  const pairs = (request.headers.get("cookie") ?? "").split(/;\s*/);
  const role = pairs.find((pair) => pair.startsWith(`${cookie}=`))?.slice(cookie.length + 1);
  return role !== undefined && roles.includes(role) ? role : null;
}

/** @param {string | null} role @param {HeadersInit} [headers] */
function said(role, headers) {
  return Response.json({ role }, { headers: { "cache-control": "no-store", ...headers } });
}
