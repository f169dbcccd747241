// @ts-check
// Which pages may call the gateway, and which headers they may read.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startCampaign } from "../support/campaign.mjs";
import { commandRequest, inNode, inWorkerd, optionsFor, pageOrigin } from "./setup.mjs";

for (const [runtime, start] of /** @type {const} */ ([
  ["Node", inNode],
  ["workerd", inWorkerd],
])) {
  describe(`in ${runtime}`, () => {
    /** @type {Awaited<ReturnType<typeof startCampaign>>} */
    let campaign;
    /** @type {import("./setup.mjs").RunningGateway} */
    let gateway;
    before(async () => {
      campaign = await startCampaign();
      gateway = await start(optionsFor(campaign.url));
    });
    after(async () => (await gateway?.close(), await campaign?.close()));

    const preflight = (/** @type {string} */ origin, path = undefined) =>
      commandRequest({
        ...(path !== undefined && { path }),
        method: "OPTIONS",
        body: null,
        headers: {
          origin,
          "access-control-request-method": "POST",
          "access-control-request-headers": "content-type",
          authorization: null,
          "content-type": null,
        },
      });

    test("the preflight of a listed origin gets 204", async () => {
      const response = await gateway.fetch(preflight(pageOrigin));
      assert.equal(response.status, 204);
      assert.equal(response.headers.get("access-control-allow-origin"), pageOrigin);
      assert.equal(response.headers.get("access-control-allow-methods"), "POST");
      assert.equal(response.headers.get("vary"), "Origin");
      assert.equal(response.headers.get("access-control-allow-credentials"), null);
      const allowed = response.headers.get("access-control-allow-headers")?.split(", ");
      assert.deepEqual(allowed, [
        "authorization",
        "cache-control",
        "content-type",
        "delay-seconds",
        "idempotency-key",
        "prefer",
        "x-api-key",
      ]);
    });

    test("the preflight of any other origin gets 403", async () => {
      for (const origin of ["null", "https://evil.example", `${pageOrigin}.evil`, "http://app.example"]) {
        const response = await gateway.fetch(preflight(origin));
        assert.equal(response.status, 403);
        for (const name of ["origin", "methods", "headers"])
          assert.equal(response.headers.get(`access-control-allow-${name}`), null);
        assert.equal(response.headers.get("vary"), "Origin");
      }
    });

    test("a listed page may read every response, errors included", async () => {
      await campaign.emulator.addFault({ kind: "throttled" });
      const headers = { origin: pageOrigin };
      /** @type {[Parameters<typeof commandRequest>[0], number][]} */
      const requests = [
        [{ headers }, 429],
        [{ headers }, 200],
        [{ headers, path: "/" }, 404],
        [{ headers, method: "PUT" }, 405],
        [{ headers, body: "x".repeat(5000) }, 413],
        [{ headers: { ...headers, "content-type": "text/plain" } }, 415],
        [{ headers, body: "{}" }, 400],
        [{ headers: { ...headers, authorization: null } }, 403],
        [{ headers: { ...headers, authorization: "Bearer throws" } }, 500],
      ];
      for (const [request, status] of requests) {
        const response = await gateway.fetch(commandRequest(request));
        assert.equal(response.status, status);
        assert.equal(response.headers.get("access-control-allow-origin"), pageOrigin, `${status}`);
        assert.equal(
          response.headers.get("access-control-expose-headers"),
          "Location, Preference-Applied, Retry-After, X-Request-Id",
        );
        assert.equal(response.headers.get("vary"), "Origin");
      }
    });

    test("a caller without an origin is decided by authorize alone", async () => {
      const response = await gateway.fetch(commandRequest());
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("access-control-allow-origin"), null);
      assert.equal(response.headers.get("vary"), "Origin");
    });
  });
}
