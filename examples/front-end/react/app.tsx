import { type FormEvent, StrictMode, useEffect, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import { runWorkflow, type Step } from "../run-workflow.ts";

function App() {
  const [step, setStep] = useState<Step>();
  const [id, setId] = useState("WKF101");
  const running = useRef<AbortController>(null);
  const isRunning = step?.kind === "running";
  // A component that leaves the page stops its request and its wait.
  useEffect(() => () => running.current?.abort(), []);

  function start(event: FormEvent) {
    event.preventDefault();
    running.current = new AbortController();
    runWorkflow(id.trim(), running.current.signal, setStep);
  }

  return (
    <main>
      <h1>Start a workflow</h1>
      <form onSubmit={start}>
        <label htmlFor="workflow">Workflow id</label>
        <input id="workflow" value={id} onChange={({ target }) => setId(target.value)} required autoComplete="off" />
        <button type="submit" disabled={isRunning}>
          Start
        </button>
        <button type="button" disabled={!isRunning} onClick={() => running.current?.abort()}>
          Cancel
        </button>
      </form>
      <p role="status" data-kind={step?.kind}>
        {step?.text}
      </p>
    </main>
  );
}

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
