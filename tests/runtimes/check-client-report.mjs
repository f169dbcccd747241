// @ts-check
// Checks the report of the client's scenario against Campaign's log.

import assert from "node:assert/strict";
import { first, others, signalBody } from "./consumer/client-scenario.mjs";
import { signalled, unknown } from "./consumer/scenario.mjs";
import { addressOf, checkRequest, refusal } from "./check-request.mjs";

/** @typedef {import("./check-request.mjs").LoggedRequest} LoggedRequest */

/**
 * @param {import("./consumer/client-scenario.mjs").ClientReport} report
 * @param {LoggedRequest[]} log
 * @param {string} baseUrl
 * @param {import("campaign-workflow/emulator").TriggeredSignal[]} signals  that Campaign took
 */
export function checkClient(report, log, baseUrl, signals) {
  const read = (/** @type {{ segment: string }} */ { segment }) => ({
    method: "GET",
    url: addressOf(baseUrl, segment),
    body: "",
    executed: false,
  });
  const command = (/** @type {{ segment: string, command: string }} */ { segment, command }) => {
    const url = addressOf(baseUrl, segment, "commands");
    return { method: "POST", url, body: JSON.stringify({ method: command }), executed: segment !== unknown.segment };
  };
  const { receipt, waitedFor, read: signalledWorkflow, signal, sent } = report;
  const activities = signalledWorkflow.activities?.activity ?? {};
  // Campaign chooses the trigger's address; that it is the right one, its signals show.
  const trigger = {
    method: "POST",
    url: activities[signalled.signal]?.trigger?.href ?? "",
    body: signalBody,
    executed: true,
  };

  const alone = [read(first), command(first), read(first), read(first), read(signalled), read(signalled), trigger];
  const atOnce = others.map(command);
  const afterwards = [command(unknown), read(signalled)];
  assert.equal(
    log.length,
    alone.length + atOnce.length + afterwards.length,
    "one request for each, none for what is invalid and none after close()",
  );
  checkRequests(log.slice(0, alone.length), alone);
  checkRequests(log.slice(alone.length, -afterwards.length).sort(byUrl), atOnce.sort(byUrl));
  checkRequests(log.slice(-afterwards.length), afterwards);

  const { confirmed, workflow, status, attempts } = receipt;
  assert.deepEqual(
    { confirmed, state: workflow?.state, status, attempts },
    { confirmed: true, state: "Started", status: log[1]?.status, attempts: 1 },
  );
  assert.equal(waitedFor.state, "Started");
  assert.deepEqual(Object.keys(activities), [signalled.signal]);
  const { activity, tooSoon } = signal;
  assert.deepEqual(
    { activity, tooSoon, attempts: signal.attempts },
    { activity: signalled.signal, tooSoon: false, attempts: 2 },
  );
  assert.deepEqual(
    signals.map(({ name }) => name),
    [signalled.signal],
  );
  assert.deepEqual(
    sent.accepted,
    others.map((_, index) => ({ index, attempts: 1 })),
  );
  assert.deepEqual(sent.summary, { accepted: others.length, notExecuted: 0, unknown: 0 });
  assert.deepEqual(report.refused, {
    ...refusal,
    code: "not-found",
    status: 404,
    errorCode: "RST-360011",
    attempts: 1,
  });
  assert.deepEqual(report.closed, { ...refusal, code: "aborted", attempts: 1 }, "close() ends a wait");
  assert.deepEqual(report.afterClose, { ...refusal, code: "aborted" }, "a closed client sends nothing");
}

/** @param {LoggedRequest[]} requests @param {import("./check-request.mjs").Expected[]} expected */
function checkRequests(requests, expected) {
  expected.forEach((one, i) => checkRequest(requests[i], one));
}

/** Concurrent requests may come in any order. @param {{ url: string }} one @param {{ url: string }} other */
const byUrl = (one, other) => (one.url < other.url ? -1 : 1);
