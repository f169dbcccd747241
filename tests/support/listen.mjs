// @ts-check
// Servers of the tests: on loopback, at a port that the system chooses.

/** @typedef {import("node:net").Server | import("node:http").Server} Server */

/**
 * Starts a server.
 * @param {Server} server
 * @returns {Promise<string>} its origin
 */
export async function listen(server) {
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return `http://127.0.0.1:${port}`;
}

/** Ends a server and its open connections. @param {Server} server */
export async function close(server) {
  const closed = new Promise((resolve) => server.close(resolve));
  if ("closeAllConnections" in server) server.closeAllConnections();
  await closed;
}
