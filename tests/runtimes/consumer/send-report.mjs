// @ts-check
// Sends a page's report to its server.

/** @param {Promise<unknown>} using */
export async function sendReport(using) {
  const body = JSON.stringify(await using);
  await fetch("/report", { method: "POST", body });
}
