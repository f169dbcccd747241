// @ts-check

import { once } from "node:events";
import { createServer } from "node:net";

/** A port that was free a moment ago, for programs that take no 0 or do not tell what they took. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address ? address.port : 0;
}
