// @ts-check
// What finds a command again: its workflow, its key and whose key that is, in one text that can stand in a URL. An id is no secret
// and opens nothing: who asks with it is authorized like everybody.

/** @typedef {Target & Pick<Order, "key" | "who">} Named */

/** @param {Target} target @param {Pick<Order, "key" | "who">} order */
export function idOf({ organization, workflowId }, { key, who }) {
  const bytes = new TextEncoder().encode(JSON.stringify([organization, workflowId, key, who]));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {string} id @returns {Named | null} */
export function readId(id) {
  try {
    const bytes = Uint8Array.from(atob(id.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
    const parts = JSON.parse(new TextDecoder().decode(bytes));
    if (!Array.isArray(parts) || parts.length !== 4 || !parts.every((part) => typeof part === "string")) return null;
    const [organization, workflowId, key, who] = /** @type {[string, string, string, string]} */ (parts);
    return { organization, workflowId, key, who };
  } catch {
    return null;
  }
}

/** The object of a workflow. @param {Env} env @param {Target} target */
export function objectFor({ WORKFLOWS_BY_ID }, { organization, workflowId }) {
  return WORKFLOWS_BY_ID.get(WORKFLOWS_BY_ID.idFromName(JSON.stringify([organization, workflowId])));
}
