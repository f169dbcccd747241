// @ts-check
// npm start: sets up and builds, serves the page, the gateway Worker and the local Campaign, and sends a first command through them.
//
//   npm start                 runs until Ctrl-C
//   npm start -- --once       ends after the first command
//   npm start -- --port 9000  listens there, or on the next free port

import { parseArgs } from "node:util";
import { sendFirstCommand } from "./lib/first-command.mjs";
import { endWithNpm, Failure, onSignal } from "./lib/process.mjs";
import { startServer } from "./lib/server.mjs";
import { setUp } from "./lib/setup.mjs";
import { bold, cyan, dim, print, red } from "./lib/terminal.mjs";

const usage = "Usage: npm start -- [--once] [--port <0 to 65535>]";

/** @returns {{ once: boolean, port: number }} */
function readArguments() {
  try {
    const { values } = parseArgs({
      options: { once: { type: "boolean", default: false }, port: { type: "string", default: "8787" } },
    });
    const port = /^\d{1,5}$/.test(values.port) ? Number(values.port) : NaN;
    if (!(port <= 65535)) throw new Failure(`--port is "${values.port}". ${usage}`);
    return { once: values.once, port };
  } catch (error) {
    throw error instanceof Failure ? error : new Failure(`${error instanceof Error ? error.message : error}. ${usage}`);
  }
}

async function main() {
  const { once, port } = readArguments();
  endWithNpm();
  print(bold("\ncampaign-workflow\n"));
  await setUp("node", "npm", "rust", "tools");
  const { build } = await import("./build.mjs");
  await build();

  const server = await startServer({ port });
  onSignal(async () => {
    print(dim("\n  Stopped."));
    await server.close();
    return 0;
  });

  await sendFirstCommand(server);
  print(`\n  ${bold("Page")}      ${cyan(`${server.url}/`)}`);
  print(`  ${bold("Gateway")}   ${cyan(`${server.url}/api`)}`);
  print(`  ${bold("Campaign")}  ${cyan(`${server.url}/campaign`)}`);
  if (!once) {
    print(dim("\n  Ctrl-C stops it.\n"));
    return;
  }
  print();
  await server.close();
  process.exit(0);
}

main().catch((error) => {
  if (error instanceof Failure) {
    if (error.output) print(`\n${error.output.trimEnd()}`);
    print(red(`\n${error.message}`));
  } else {
    print(red(`\n${error instanceof Error ? error.stack : String(error)}`));
  }
  process.exit(1);
});
