// @ts-check
// Copies the demo page, the built package and the page's headers to the folder that wrangler uploads as static assets.
//
//   node page.mjs [folder]   default: public

import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { headersFile } from "../../scripts/lib/page-headers.mjs";

const at = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));
const folder = process.argv[2] ?? at("public");

rmSync(folder, { recursive: true, force: true });
cpSync(at("../../www"), folder, { recursive: true });
cpSync(at("../../dist"), join(folder, "pkg"), { recursive: true });
writeFileSync(join(folder, "_headers"), headersFile());
