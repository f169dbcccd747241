// @ts-check
// The local Campaign for the tests that run as WebAssembly. Its address is compiled into them.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./paths.mjs";

const portFile = join(root, "target", "campaign-port");

/** Keeps the port of the last run if it is free: with another one the tests would be compiled again. */
export async function campaignForTests() {
  const { serveEmulator } = await import("campaign-workflow/emulator/node");
  const options = { applyDelayMs: 50, allowedOrigins: ["*"] };
  const server = await serveEmulator({ ...options, port: lastPort() }).catch(() =>
    serveEmulator({ ...options, port: 0 }),
  );
  mkdirSync(join(root, "target"), { recursive: true });
  writeFileSync(portFile, String(server.port));
  return { env: { CAMPAIGN_EMULATOR_URL: server.url }, close: () => server.close() };
}

function lastPort() {
  try {
    return Number(readFileSync(portFile, "utf8")) || 0;
  } catch {
    return 0;
  }
}
