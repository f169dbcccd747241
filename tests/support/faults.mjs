// @ts-check
// Steps for the faulty server.

import { gzipSync } from "node:zlib";

/** @typedef {import("./faulty-server.mjs").Step} Step */
/** @typedef {import("./faulty-server.mjs").ResponseParts} ResponseParts */

const json = { "Content-Type": "application/json" };

/** Refuses the command. @param {number} status @param {string | Uint8Array} [body] @param {ResponseParts["headers"]} [headers] @returns {Step} */
export const refuse =
  (status, body = "", headers = {}) =>
  (reply) =>
    reply.respond(status, { body, headers });

/** Executes the command, whatever the response says. @param {number} status @param {string | Uint8Array} [body] @param {ResponseParts["headers"]} [headers] @returns {Step} */
export const executeThen =
  (status, body = "", headers = {}) =>
  (reply) =>
    reply.execute().respond(status, { body, headers });

/** Adobe's documented responses. */
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

/** Sends the head and a part of the body, then resets the connection. @param {number} status @param {string} body @returns {Step} */
export const cutBody = (status, body) => async (reply) => {
  if (status < 300 || status >= 500) reply.execute();
  await reply.head(status, { "Content-Length": "1000", "Content-Type": "text/plain" });
  await reply.write(body);
  await reply.reset();
};

/** Sends the head and a part of the body, and then nothing. @param {number} status @param {string} body @param {ResponseParts["headers"]} [headers] @returns {Step} */
export const hangInBody =
  (status, body, headers = {}) =>
  async (reply) => {
    if (status < 300 || status >= 500) reply.execute();
    await reply.head(status, { "Content-Length": "1000", "Content-Type": "text/plain", ...headers });
    await reply.write(body);
  };

/** Executes the command, and never responds. @type {Step} */
export const hangAfterExecution = (reply) => void reply.execute();

/** Sends an endless body, as fast as the client reads it. @param {number} status @param {ResponseParts["headers"]} [headers] @returns {Step} */
export const endless =
  (status, headers = {}) =>
  async (reply) => {
    if (status < 300 || status >= 500) reply.execute();
    await reply.head(status, headers);
    await reply.repeat(Buffer.alloc(65_536, "x"));
  };

/** Megabytes of zeros in kilobytes of gzip. @param {number} megabytes */
export function bomb(megabytes) {
  // Several gzip members in a row are one valid file.
  const member = gzipSync(Buffer.alloc(16 * 1024 * 1024));
  return Buffer.concat(Array.from({ length: Math.ceil(megabytes / 16) }, () => member));
}
