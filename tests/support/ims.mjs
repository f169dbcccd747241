// @ts-check
// Adobe's IMS for the tests: grants the one token that Campaign accepts, or leaves requests for it without a response.

import { createServer } from "node:http";
import { close, listen } from "./listen.mjs";
import { secrets } from "./secrets.mjs";

export async function startIms() {
  let requests = 0;
  let hanging = 0;
  const server = createServer((incoming, outgoing) => {
    requests += 1;
    incoming.resume();
    if (hanging > 0) return void (hanging -= 1);
    outgoing.setHeader("content-type", "application/json");
    outgoing.end(JSON.stringify({ access_token: secrets.accessToken, token_type: "bearer", expires_in: 86_399 }));
  });
  const origin = await listen(server);
  return {
    url: `${origin}/ims/token/v3`,
    requests: () => requests,
    /** Counts anew. */
    reset() {
      requests = 0;
      hanging = 0;
    },
    /** The next requests get no response. @param {number} times */
    hang(times) {
      hanging = times;
    },
    close: () => close(server),
  };
}

/** @typedef {Awaited<ReturnType<typeof startIms>>} Ims */
