// Starts a workflow through the gateway, waits until it has ended, and says what is known after each step.

import { hasState, isWorkflowCommandError, type Workflow, WorkflowClient } from "campaign-workflow/client";

/** All but `running` are final: the run has ended, or the page stopped waiting for it, or the start failed. */
export type Step = { kind: "running" | "ended" | "accepted" | "not-executed" | "unknown"; text: string };

const client = new WorkflowClient({ organization: "acme-mkt-stage", baseUrl: "/api" });
const hasEnded = hasState("Finished", "Erroneous");

const meanings = {
  accepted: "Campaign accepted the command. This page stopped waiting for the workflow.",
  "not-executed": "The workflow was not started.",
  unknown: "It is unknown whether the workflow was started.",
};

export async function runWorkflow(id: string, signal: AbortSignal, show: (step: Step) => void): Promise<void> {
  let isAccepted = false;
  try {
    show({ kind: "running", text: `Reading ${id}…` });
    // A workflow that ran before stays "Finished" until Campaign applies the command.
    let isNewRun = !hasEnded(await client.get(id, { signal }));
    show({ kind: "running", text: `Starting ${id}…` });
    await client.start(id, { signal });
    isAccepted = true;
    const isDone = (workflow: Workflow) => {
      show({ kind: "running", text: `Campaign accepted the command. The state of ${id} is ${workflow.state}…` });
      isNewRun ||= !hasEnded(workflow);
      return isNewRun && hasEnded(workflow);
    };
    const { state } = await client.waitFor(id, isDone, { signal, intervalMs: 1000 });
    show({ kind: "ended", text: `${id} has ended. Its state is ${state}.` });
  } catch (error) {
    if (!isWorkflowCommandError(error)) throw error;
    const kind = isAccepted ? "accepted" : error.outcome;
    show({ kind, text: `${meanings[kind]} ${error.message}. ${error.hint ?? ""}` });
  }
}
