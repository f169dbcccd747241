// @ts-check
// A server as its own process: it accepts every command, and with `report` tells its parent process of each request.

import { createServer } from "node:http";

const reports = process.argv.includes("report");
const server = createServer((request, response) => {
  if (reports) process.send?.({ request: request.url });
  request.resume().on("end", () => response.writeHead(200, { "content-type": "application/json" }).end('{"ok":true}'));
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () =>
  process.send?.({ port: /** @type {import("node:net").AddressInfo} */ (server.address()).port }),
);
process.on("disconnect", () => process.exit(0));
