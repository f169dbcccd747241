// @ts-check
// An unknown outcome is never reported in a way that has a client send the command again.

import assert from "node:assert/strict";
import { test } from "node:test";
import { sendWorkflowCommand, WorkflowCommandError } from "campaign-workflow";
import { createGateway } from "campaign-workflow/gateway";
import { startCampaign } from "../support/campaign.mjs";
import { organization, secrets } from "../support/secrets.mjs";
import { collectResponse, commandRequest, problemIn } from "./setup.mjs";

const codes = [
  ...[
    "invalid-argument",
    "token-unavailable",
    "unauthenticated",
    "forbidden",
    "not-found",
    "rate-limited",
    "rejected",
    "redirected",
  ],
  ...[
    "unreachable",
    "server-error",
    "bad-response",
    "network",
    "timeout",
    "aborted",
    "invalid-trigger",
    "internal",
    "made-up",
  ],
];

/** @param {string} code @param {string} outcome @param {number | null} retryAfterMs */
const errorOf = (code, outcome, retryAfterMs) =>
  new /** @type {any} */ (WorkflowCommandError)("It failed", {
    code,
    outcome,
    status: 503,
    retryAfterMs,
    requestId: "id-1",
    attempts: 1,
  });

test("unknown is 502, or 504 for a deadline, and never with Retry-After", async () => {
  for (const code of codes) {
    for (const outcome of ["unknown", "not-executed", "executed"]) {
      for (const retryAfterMs of [null, 0, 1, 12_000, 1e300, NaN, -1]) {
        const send = () => Promise.reject(errorOf(code, outcome, retryAfterMs));
        const response = await collectResponse(
          await createGateway({ organization, authorize: () => true, send }).fetch(commandRequest()),
        );
        const what = JSON.stringify([code, outcome, retryAfterMs, response.status]);
        const problem = await problemIn(response);
        assert.equal(
          problem.outcome,
          outcome === "not-executed" && code !== "made-up" ? "not-executed" : "unknown",
          what,
        );
        assert.equal(response.headers.has("retry-after"), [429, 503].includes(response.status), what);
        if (problem.outcome !== "unknown") continue;
        assert.equal(response.status, problem.code === "timeout" ? 504 : 502, what);
        assert.equal(problem.retryAfterMs, null, what);
      }
    }
  }
});

test("a command with an unknown outcome is executed once, also with a client that retries", async () => {
  const campaign = await startCampaign();
  try {
    for (const code of ["rate-limited", "server-error", "network", "timeout", "internal"]) {
      await campaign.emulator.clearLog();
      const gateway = createGateway({
        organization,
        authorize: () => true,
        send: async ({ workflowId, command }) => {
          const { accessToken, apiKey } = secrets;
          await sendWorkflowCommand({ organization, workflowId, command, accessToken, apiKey, baseUrl: campaign.url });
          throw errorOf(code, "unknown", 1);
        },
      });
      /** @type {(url: string, init: any) => Promise<Response>} */
      const fetch = (url, init) => gateway.fetch(new Request(url, init));
      const call = {
        organization,
        workflowId: "WKF101",
        command: /** @type {const} */ ("start"),
        baseUrl: "https://gateway.example",
        fetch,
      };
      const error = await sendWorkflowCommand({ ...call, maxRetries: 10 }).catch((error) => error);
      assert.deepEqual([error.code, error.outcome, error.retryAfterMs, error.attempts], [code, "unknown", null, 1]);
      assert.equal((await campaign.log()).length, 1);
    }
  } finally {
    await campaign.close();
  }
});
