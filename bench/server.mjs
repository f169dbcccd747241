// @ts-check
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * Starts a server in its own process. `onRequest` is called for each request.
 * @param {() => void} [onRequest] @returns {Promise<{ url: string, close: () => void }>}
 */
export async function startServer(onRequest) {
  const child = fork(fileURLToPath(new URL("server-process.mjs", import.meta.url)), onRequest ? ["report"] : []);
  const port = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("message", (/** @type {{ port?: number }} */ { port }) =>
      port === undefined ? onRequest?.() : resolve(port),
    );
  });
  return { url: `http://127.0.0.1:${port}`, close: () => child.disconnect() };
}
