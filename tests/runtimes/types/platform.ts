// The same with the platform's own types: its fetch, its signals and its modules fit.

import { expectTypeOf } from "expect-type";
import { sendWorkflowCommand } from "campaign-workflow";
import { CampaignEmulator, type LoggedRequest } from "campaign-workflow/emulator";
import { withModule } from "campaign-workflow/slim";

const least = { organization: "acme", workflowId: "WKF42", command: "start" } as const;

sendWorkflowCommand({ ...least, fetch, signal: AbortSignal.timeout(1000) });
withModule(() => WebAssembly.compileStreaming(fetch("/core.wasm")));
export const handedIn = (module: WebAssembly.Module) => withModule(module);

const campaign = new CampaignEmulator({ applyDelayMs: 0 });
sendWorkflowCommand({ ...least, fetch: (url, init) => campaign.fetch(new Request(url, init)) });
expectTypeOf(campaign.fetch(new Request("http://localhost"))).resolves.toEqualTypeOf<Response>();
expectTypeOf(campaign.log()).resolves.toEqualTypeOf<LoggedRequest[]>();
// @ts-expect-error no such fault
campaign.addFault({ kind: "no-such-fault" });
// @ts-expect-error no such option
new CampaignEmulator({ applyDelay: 0 });
