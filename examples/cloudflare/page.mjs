// @ts-check
// Puts the demo page and the built package where wrangler takes the static assets from.

import { cpSync, rmSync } from "node:fs";

const at = (/** @type {string} */ path) => new URL(path, import.meta.url);

rmSync(at("public"), { recursive: true, force: true });
cpSync(at("../../www"), at("public"), { recursive: true });
cpSync(at("../../dist"), at("public/pkg"), { recursive: true });
