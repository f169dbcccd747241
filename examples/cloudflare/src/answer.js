// @ts-check
// How a command ended, as it is stored: small, whatever Campaign's answer was. SQLite takes no value over 2 MB.

/** How much of a body is kept, in bytes. */
const bodyBytes = 8192;

/** @param {Answer} answer @returns {Answer} */
export function cut(answer) {
  if ("receipt" in answer) {
    const { receipt } = answer;
    return { receipt: { ...receipt, body: cutBody(receipt.body) } };
  }
  const { problem } = answer;
  return typeof problem.body === "string" ? { problem: { ...problem, body: cutText(problem.body) } } : answer;
}

/** JSON that is too long is cut as a text. @param {unknown} body */
function cutBody(body) {
  if (typeof body === "string") return cutText(body);
  const text = JSON.stringify(body) ?? "";
  const start = cutText(text);
  return start === text ? body : start;
}

/** Ends with a whole character. @param {string} text */
function cutText(text) {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(bodyBytes));
  return text.slice(0, read);
}
