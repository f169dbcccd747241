// @ts-check
// Has the server of this page lose an answer of the gateway. It stands between the two, on this machine only.

const path = "/__gateway/lost-answers";
const patienceMs = 5000;

/** The next command for this workflow reaches the gateway, whose answer never arrives. @param {string} workflowId */
export async function loseAnswer(workflowId) {
  await ask("POST", JSON.stringify({ workflowId }));
}

export async function loseNothing() {
  await ask("DELETE");
}

/** @param {string} method @param {string} [body] */
async function ask(method, body) {
  const response = await fetch(path, {
    method,
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.timeout(patienceMs),
  });
  if (!response.ok) throw new Error(`The server answered ${response.status} to ${method} ${path}`);
}
