// @ts-check
// How a page tells its report: to the server that it came from.

/** @param {Promise<unknown>} using */
export async function tell(using) {
  const body = JSON.stringify(await using);
  await fetch("/report", { method: "POST", body });
}
