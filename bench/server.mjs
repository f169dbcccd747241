// @ts-check
// The other side, a process of its own: it answers a receipt to everything, and tells its parent when a request came.

import { createServer } from "node:http";

const tells = process.argv.includes("tell");
const server = createServer((request, response) => {
  if (tells) process.send?.({ request: request.url });
  request.resume().on("end", () => response.writeHead(200, { "content-type": "application/json" }).end('{"ok":true}'));
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () =>
  process.send?.({ port: /** @type {import("node:net").AddressInfo} */ (server.address()).port }),
);
process.on("disconnect", () => process.exit(0));
