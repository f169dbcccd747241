// The client, for a TypeScript consumer: what may be written, and what the compiler has to refuse.

import { expectTypeOf } from "expect-type";
import type { WorkflowCommandReceipt } from "campaign-workflow";
import {
  hasState,
  isWorkflowCommandError,
  sendWorkflowCommand,
  WorkflowClient,
  WorkflowCommandError,
} from "campaign-workflow/client";
import type {
  BulkCommand,
  BulkResult,
  BulkSummary,
  CommandEntry,
  CommandProblem,
  CommandState,
  ConfirmedReceipt,
  EnqueueOptions,
  QueuedCommand,
  SignalReceipt,
  Workflow,
  WorkflowPredicate,
} from "campaign-workflow/client";
import module from "campaign-workflow/client-core.wasm";
import * as slim from "campaign-workflow/client/slim";

const client = new WorkflowClient({
  organization: "acme",
  accessToken: undefined,
  baseUrl: "https://campaign.example.com",
});

expectTypeOf(client.start("WKF42")).resolves.toEqualTypeOf<WorkflowCommandReceipt>();
expectTypeOf(client.send("WKF42", "stop", { idempotencyKey: "key" })).resolves.toEqualTypeOf<WorkflowCommandReceipt>();
expectTypeOf(client.start("WKF42", { confirm: hasState("Started") })).resolves.toEqualTypeOf<ConfirmedReceipt>();
expectTypeOf(client.get("WKF42")).resolves.toEqualTypeOf<Workflow>();
expectTypeOf(client.waitFor("WKF42", async ({ PKey }) => PKey === "@a1")).resolves.toEqualTypeOf<Workflow>();
expectTypeOf(
  client.signal("WKF42", "signal1", { source: "shop", parameters: { count: 3, at: new Date() } }),
).resolves.toEqualTypeOf<SignalReceipt>();
expectTypeOf(
  client.enqueue("WKF42", "start", { delaySeconds: 60, idempotencyKey: "key" }),
).resolves.toEqualTypeOf<QueuedCommand>();
expectTypeOf(client.queued("WyJhIl0", { timeoutMs: 1000 })).resolves.toEqualTypeOf<QueuedCommand>();
expectTypeOf(client.cancel("WyJhIl0")).resolves.toEqualTypeOf<QueuedCommand>();
expectTypeOf<QueuedCommand>().toExtend<CommandEntry>();
expectTypeOf<QueuedCommand["state"]>().toEqualTypeOf<CommandState>();
expectTypeOf<QueuedCommand["problem"]>().toEqualTypeOf<CommandProblem | null>();
expectTypeOf<QueuedCommand>().not.toExtend<WorkflowCommandReceipt>();
expectTypeOf<EnqueueOptions["delaySeconds"]>().toEqualTypeOf<number | undefined>();
expectTypeOf(hasState("Started")).toExtend<WorkflowPredicate>();
expectTypeOf(client.close()).toEqualTypeOf<void>();

// @ts-expect-error a wrong command
client.send("WKF42", "restart");
// @ts-expect-error nobody triggers it
client.signal("WKF42", "signal1", {});
// @ts-expect-error a parameter that no signal has
client.signal("WKF42", "signal1", { source: "shop", parameters: { list: [] } });
// @ts-expect-error a delay is a number
client.enqueue("WKF42", "start", { delaySeconds: "60" });
// @ts-expect-error a queued command has no confirmation
client.enqueue("WKF42", "start", { confirm: hasState("Started") });
// @ts-expect-error nobody looks at a command without its id
client.queued();
// @ts-expect-error nothing to wait for
client.waitFor("WKF42");
// @ts-expect-error a missing field
new WorkflowClient({ baseUrl: "https://campaign.example.com" });
// @ts-expect-error a misspelt field
client.get("WKF42", { timeoutMS: 1000 });

export async function many(commands: AsyncIterable<BulkCommand>): Promise<BulkSummary> {
  const results = client.sendAll(commands, { concurrency: 2, onProgress: ({ unknown }) => unknown });
  for await (const result of results) {
    expectTypeOf(result).toEqualTypeOf<BulkResult>();
    if (result.error) expectTypeOf(result.error).toEqualTypeOf<WorkflowCommandError>();
    else expectTypeOf(result.receipt).toEqualTypeOf<WorkflowCommandReceipt>();
  }
  // @ts-expect-error no commands
  client.sendAll("start");
  return results.summary;
}

const { WorkflowClient: SlimClient, sendWorkflowCommand: send } = slim.withModule(async () => ({}));
expectTypeOf(SlimClient).toEqualTypeOf<typeof WorkflowClient>();
expectTypeOf(send).toEqualTypeOf<typeof sendWorkflowCommand>();
expectTypeOf(slim.hasState).toEqualTypeOf<typeof hasState>();
expectTypeOf(slim.isWorkflowCommandError).toEqualTypeOf<typeof isWorkflowCommandError>();
expectTypeOf(slim.WorkflowCommandError).toEqualTypeOf<typeof WorkflowCommandError>();
/** The class is a type there, and no value: that comes with a module. */
export const reads = (one: slim.WorkflowClient): Promise<slim.Workflow> => one.get("WKF42");
slim.withModule(module);
// @ts-expect-error an address is no module
slim.withModule("/client-core.wasm");
// @ts-expect-error without a module there is no class
new slim.WorkflowClient({ organization: "acme" });
