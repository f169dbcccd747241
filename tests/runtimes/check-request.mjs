// @ts-check
// Checks one logged request of a scenario.

import assert from "node:assert/strict";
import { accessToken, apiKey, organization } from "./consumer/scenario.mjs";

/** @typedef {import("campaign-workflow/emulator").LoggedRequest} LoggedRequest */
/** @typedef {Pick<LoggedRequest, "method" | "url" | "body" | "executed">} Expected */

/** The error of a call that sent nothing, without its code. */
export const refusal = {
  name: "WorkflowCommandError",
  outcome: "not-executed",
  status: null,
  errorCode: null,
  attempts: 0,
  isError: true,
  guard: true,
};

/** @param {string} baseUrl @param {...string} path  of the workflow, and below it */
export const addressOf = (baseUrl, ...path) =>
  [baseUrl, organization, "campaign/workflow/execution", ...path].join("/");

/** @param {LoggedRequest | undefined} request @param {Expected} expected */
export function checkRequest(request, { method, url, body, executed }) {
  assert.ok(request);
  assert.deepEqual(
    { method: request.method, url: request.url, body: request.body, executed: request.executed },
    { method, url, body, executed },
  );
  if (method === "POST") assert.equal(request.headers["content-type"], "application/json");
  assert.equal(request.headers["authorization"], `Bearer ${accessToken}`);
  assert.equal(request.headers["cache-control"], "no-cache");
  assert.equal(request.headers["x-api-key"], apiKey);
}
