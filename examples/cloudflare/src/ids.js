// @ts-check
// What finds a command again: its workflow and its key, in one text that can stand in a URL. An id is no secret and opens
// nothing: who asks with it is authorized like everybody.

/** What an Idempotency-Key may be. Names that the Worker gives have a space, so they meet no key of a caller. */
const usable = /^[\x21-\x7e]{1,255}$/;

/** @param {string} key */
export const isKey = (key) => usable.test(key);

/** @param {Target} target @param {string} key */
export function idOf({ organization, workflowId }, key) {
  const bytes = new TextEncoder().encode(JSON.stringify([organization, workflowId, key]));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {string} id @returns {(Target & { key: string }) | null} */
export function readId(id) {
  try {
    const bytes = Uint8Array.from(atob(id.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
    const parts = JSON.parse(new TextDecoder().decode(bytes));
    if (!Array.isArray(parts) || parts.length !== 3 || !parts.every((part) => typeof part === "string")) return null;
    const [organization, workflowId, key] = /** @type {[string, string, string]} */ (parts);
    return { organization, workflowId, key };
  } catch {
    return null;
  }
}
