// @ts-check
// The steps of the faulty server that several tests use.

import { gzipSync } from "node:zlib";

/** @typedef {import("./faulty-server.mjs").Step} Step */
/** @typedef {import("./faulty-server.mjs").ResponseParts} ResponseParts */

const json = { "Content-Type": "application/json" };

/** Campaign refuses it. @param {number} status @param {string | Uint8Array} [body] @param {ResponseParts["headers"]} [headers] @returns {Step} */
export const refuse =
  (status, body = "", headers = {}) =>
  (reply) =>
    reply.respond(status, { body, headers });

/** The command is executed, whatever the answer says. @param {number} status @param {string | Uint8Array} [body] @param {ResponseParts["headers"]} [headers] @returns {Step} */
export const executeThen =
  (status, body = "", headers = {}) =>
  (reply) =>
    reply.execute().respond(status, { body, headers });

/** Adobe's documented answers. */
export const documented = {
  tokenExpired: refuse(401, '{"error_code":"401013","message":"Oauth token is not valid"}', json),
  profileInvalid: refuse(403, '{"error_code":"403023","message":"Profile is not valid"}', json),
  notFound: refuse(
    404,
    "RST-360011 An error has occurred - please contact your administrator.\nUnable to find document",
    { "Content-Type": "text/plain" },
  ),
  oops: (/** @type {number} */ status) =>
    refuse(status, `{"code":${status},"message":"Oops. Something went wrong. Check your URI and try again."}`, json),
};

/** Throttled. @param {string} [retryAfter] @param {number} [status] */
export const throttled = (retryAfter, status = 429) =>
  refuse(status, "slow down", retryAfter === undefined ? {} : { "Retry-After": retryAfter });

/** The answer's head and a part of its body, then the connection is reset. @param {number} status @param {string} body @returns {Step} */
export const cutBody = (status, body) => async (reply) => {
  if (status < 300 || status >= 500) reply.execute();
  await reply.head(status, { "Content-Length": "1000", "Content-Type": "text/plain" });
  await reply.write(body);
  await reply.reset();
};

/** The head, a part of the body, and then nothing. @param {number} status @param {string} body @param {ResponseParts["headers"]} [headers] @returns {Step} */
export const hangInBody =
  (status, body, headers = {}) =>
  async (reply) => {
    if (status < 300 || status >= 500) reply.execute();
    await reply.head(status, { "Content-Length": "1000", "Content-Type": "text/plain", ...headers });
    await reply.write(body);
  };

/** The command is executed, and no answer ever comes. @type {Step} */
export const hangAfterExecution = (reply) => void reply.execute();

/** A body without an end, as fast as the client takes it. @param {number} status @param {ResponseParts["headers"]} [headers] @returns {Step} */
export const endless =
  (status, headers = {}) =>
  async (reply) => {
    if (status < 300 || status >= 500) reply.execute();
    await reply.head(status, headers);
    await reply.repeat(Buffer.alloc(65_536, "x"));
  };

/** Megabytes of zeros in kilobytes of gzip. @param {number} megabytes */
export function bomb(megabytes) {
  // Members in a row are one gzip file.
  const member = gzipSync(Buffer.alloc(16 * 1024 * 1024));
  return Buffer.concat(Array.from({ length: Math.ceil(megabytes / 16) }, () => member));
}
