// @ts-check
// Serves the files of folders, with their types and the page's headers, and nothing outside the folders.

import { readFile, realpath } from "node:fs/promises";
import { extname, join, sep } from "node:path";
import { pageHeaders } from "./page-headers.mjs";

/** @type {Record<string, string>} */
const types = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

/**
 * @param {string | Uint8Array<ArrayBuffer> | null} body @param {string} type @param {ResponseInit} [init]
 */
export function answer(body, type, init = {}) {
  const headers = new Headers({ ...pageHeaders, "Content-Type": type });
  new Headers(init.headers).forEach((value, name) => headers.set(name, value));
  return new Response(body, { ...init, headers });
}

/**
 * @param {Request} request
 * @param {Record<string, string>} folders by the path at which they are mounted, which ends in a slash; the longest match counts
 * @param {Record<string, string>} [headers] in place of the page's
 * @returns {Promise<Response>}
 */
export async function serveFiles(request, folders, headers = {}) {
  const text = types[".txt"] ?? "";
  if (request.method !== "GET" && request.method !== "HEAD") {
    return answer("Only GET and HEAD.\n", text, { status: 405, headers: { allow: "GET, HEAD" } });
  }
  const file = await findFile(new URL(request.url).pathname, folders);
  const type = file && types[extname(file)];
  if (!file || !type) return answer("There is nothing here.\n", text, { status: 404 });
  const body = new Uint8Array(await readFile(file));
  return answer(request.method === "HEAD" ? null : body, type, { headers });
}

/**
 * @param {string} pathname @param {Record<string, string>} folders
 * @returns {Promise<string | null>} null if there is no such file in the folder
 */
async function findFile(pathname, folders) {
  const mount = Object.keys(folders)
    .filter((prefix) => pathname.startsWith(prefix))
    .sort((a, b) => b.length - a.length)[0];
  if (mount === undefined) return null;
  try {
    const folder = await realpath(folders[mount] ?? "");
    const rest = decodeURIComponent(pathname.slice(mount.length));
    // realpath resolves ".." and links, and rejects a missing name. The comparison rejects a path outside of the folder.
    const file = await realpath(join(folder, rest === "" || rest.endsWith("/") ? `${rest}index.html` : rest));
    return file.startsWith(folder + sep) ? file : null;
  } catch {
    return null;
  }
}
