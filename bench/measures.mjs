// @ts-check
// The comparisons, in the order of the report.

import { bytes } from "./measures/bytes.mjs";
import { cold } from "./measures/cold.mjs";
import { cpu } from "./measures/cpu.mjs";
import { throughGateway } from "./measures/gateway.mjs";
import { install } from "./measures/install.mjs";
import { loopback } from "./measures/loopback.mjs";
import { memory } from "./measures/memory.mjs";
import { instantiate, startInChromium, startInWorkerd } from "./measures/start.mjs";
import { objectMemory, throughWorker } from "./measures/worker.mjs";

/** @param {number} calls @returns {readonly import("./run.mjs").Measure[]} */
export const measures = (calls) => [
  bytes,
  install,
  cold,
  instantiate,
  startInWorkerd,
  startInChromium,
  cpu("minimal", 1),
  cpu("minimal", 100),
  cpu("Response", 1),
  cpu("Response", 100),
  loopback(1),
  loopback(50),
  memory("growth", calls),
  memory("flight", calls),
  throughGateway,
  throughWorker(1),
  throughWorker(50),
  throughWorker(500),
  objectMemory(calls / 10),
];
