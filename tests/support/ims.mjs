// @ts-check
// Adobe's IMS for these tests: gives the one token that Campaign takes, or keeps a request for it waiting for ever.

import { createServer } from "node:http";
import { secrets } from "./example-worker.mjs";

export async function startIms() {
  let requests = 0;
  let hanging = 0;
  const server = createServer((incoming, outgoing) => {
    requests += 1;
    incoming.resume();
    if (hanging > 0) return void (hanging -= 1);
    outgoing.setHeader("content-type", "application/json");
    outgoing.end(JSON.stringify({ access_token: secrets.token, token_type: "bearer", expires_in: 86_399 }));
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", () => resolve(0)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}/ims/token/v3`,
    requests: () => requests,
    /** The next requests get no answer. @param {number} times */
    hang(times) {
      hanging = times;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve(0));
        server.closeAllConnections();
      }),
  };
}
