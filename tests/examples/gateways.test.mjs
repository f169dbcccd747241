// @ts-check
// The examples as their readers start them: a program with its secrets in the environment, before a local Campaign and IMS.
// Those of Deno and Bun run with the runtimes themselves, in `npm run test:all`.

import { test } from "node:test";
import { join } from "node:path";
import { root } from "../../scripts/lib/paths.mjs";
import { callExample } from "./example.mjs";

test("Node's", () => callExample(process.execPath, [join(root, "examples", "node", "gateway.mjs")], root));
