// @ts-check
// The page's table of states and commands agrees with the emulator's, which is the source.

import assert from "node:assert/strict";
import { it } from "node:test";
import { CampaignEmulator } from "campaign-workflow/emulator";
import { commands, isAllowed, stateAfter, states } from "../../www/workflow-states.js";

const organization = "acme-mkt-stage";

for (const state of states) {
  it(`a workflow in state ${state} allows the same commands on the page and in the emulator, with the same result`, async () => {
    const workflows = commands.map((id) => ({ id, state }));
    const emulator = new CampaignEmulator({ organization, workflows, applyDelayMs: 0 });
    for (const { id, allowed } of await emulator.workflows())
      assert.deepEqual(
        commands.filter((command) => isAllowed(command, state)),
        allowed,
        id,
      );
    for (const command of commands.filter((name) => isAllowed(name, state))) {
      const response = await emulator.fetch(
        `https://mc.adobe.io/${organization}/campaign/workflow/execution/${command}/commands`,
        {
          method: "POST",
          headers: {
            "Content-Type": "application/json",
            Authorization: "Bearer local-token",
            "Cache-Control": "no-cache",
            "X-Api-Key": "local-key",
          },
          body: JSON.stringify({ method: command }),
        },
      );
      assert.equal(response.status, 200);
      const workflow = (await emulator.workflows()).find(({ id }) => id === command);
      assert.equal(workflow?.state, stateAfter(command), command);
    }
  });
}
