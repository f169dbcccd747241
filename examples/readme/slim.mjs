// @ts-check
// #region
import { withModule } from "campaign-workflow/slim";
import url from "campaign-workflow/core.wasm?url"; // Vite; with webpack: new URL("campaign-workflow/core.wasm", import.meta.url)

const { sendWorkflowCommand } = withModule(() => WebAssembly.compileStreaming(fetch(url)));
// #endregion

export { sendWorkflowCommand };
