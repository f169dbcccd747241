import { runWorkflow } from "../run-workflow.ts";

const form = document.getElementById("form") as HTMLFormElement;
const id = document.getElementById("workflow") as HTMLInputElement;
const start = document.getElementById("start") as HTMLButtonElement;
const cancel = document.getElementById("cancel") as HTMLButtonElement;
const status = document.getElementById("status") as HTMLElement;

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const running = new AbortController();
  cancel.onclick = () => running.abort();
  start.disabled = true;
  cancel.disabled = false;
  await runWorkflow(id.value.trim(), running.signal, ({ kind, text }) => {
    status.dataset.kind = kind;
    status.textContent = text;
  });
  start.disabled = false;
  cancel.disabled = true;
});
