// The same with the platform's own types.

import { hasState, WorkflowClient } from "campaign-workflow/client";
import { withModule } from "campaign-workflow/client/slim";

const client = new WorkflowClient({ organization: "acme", fetch });
client.start("WKF42", { confirm: hasState("Started"), signal: AbortSignal.timeout(1000) });
withModule(() => WebAssembly.compileStreaming(fetch("/client-core.wasm")));
export const handedIn = (module: WebAssembly.Module) =>
  new (withModule(module).WorkflowClient)({ organization: "acme" });
