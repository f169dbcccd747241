// @ts-check

import { createServer } from "node:net";
import { close, listen } from "./listen.mjs";

/** A port that was free a moment ago, for programs that don't take port 0 or don't print the port that they took. */
export async function freePort() {
  const server = createServer();
  const { port } = new URL(await listen(server));
  await close(server);
  return Number(port);
}
