// @ts-check
import { WorkflowClient } from "campaign-workflow/client";

const client = new WorkflowClient({
  organization: "acme-mkt-stage",
  baseUrl: "https://campaign.example.com/api",
  accessToken: process.env.CALLER_KEY ?? "",
});

// #region
const queued = await client.enqueue("WKF101", "start", { delaySeconds: 3600, idempotencyKey: crypto.randomUUID() });
console.log(queued.id, queued.state, queued.dueAt); // "queued"
console.log((await client.queued(queued.id)).state);
const { state } = await client.cancel(queued.id); // "cancelled", or what it is if it was sent already
// #endregion

console.log(state);
