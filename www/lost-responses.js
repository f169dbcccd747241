// @ts-check
// Makes the demo server, which forwards the page's requests to the gateway, lose a response.

const path = "/__gateway/lost-answers";
const timeoutMs = 5000;

/** The next command for this workflow reaches the gateway, but its response never arrives. @param {string} workflowId */
export async function loseResponse(workflowId) {
  await request("POST", JSON.stringify({ workflowId }));
}

export async function cancelLostResponses() {
  await request("DELETE");
}

/** @param {string} method @param {string} [body] */
async function request(method, body) {
  const response = await fetch(path, {
    method,
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!response.ok) throw new Error(`The server responded with ${response.status} to ${method} ${path}`);
}
