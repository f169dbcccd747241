// @ts-check
// #region connect
import { hasState, WorkflowClient } from "campaign-workflow/client";

const client = new WorkflowClient({ organization: "acme-mkt-stage", baseUrl: "https://campaign.example.com" });
// #endregion

// #region send
await client.start("WKF101");
await client.pause("WKF101");

const receipt = await client.stop("WKF101", { confirm: hasState("Finished") });
console.log(receipt.confirmed, receipt.workflow?.state);
// #endregion

// #region read
const workflow = await client.get("WKF106");
console.log(workflow.PKey, Object.keys(workflow.activities?.activity ?? {}));
// #endregion

// #region wait
await client.start("WKF103");
const started = await client.waitFor("WKF103", hasState("Started"), { timeoutMs: 60_000 });
await client.waitFor("WKF103", (one) => one.PKey === started.PKey);
// #endregion

// #region signal
const signal = await client.signal("WKF106", "signal1", {
  source: "shop",
  parameters: { audience: "customers", count: 3, at: new Date() },
});
if (signal.tooSoon) console.log("Campaign takes a signal every ten minutes at most");
// #endregion

/** @returns {AsyncGenerator<import("campaign-workflow/client").BulkCommand>} */
// #region send-all
async function* commands() {
  for (const workflowId of ["WKF102", "WKF104", "WKF105"]) yield { workflowId, command: "start" };
}
const results = client.sendAll(commands(), { concurrency: 2, perSecond: 10 });
for await (const { workflowId, receipt, error } of results) {
  console.log(workflowId, receipt ? "accepted" : `${error.code}: ${error.outcome}`);
}
console.log(await results.summary); // { accepted, notExecuted, unknown }
// #endregion
