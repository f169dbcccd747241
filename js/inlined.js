// @ts-check

/**
 * Compiles a module that is inlined as base64.
 *
 * @param {string} base64
 * @returns {Promise<WebAssembly.Module>}
 */
export async function compileInlined(base64) {
  return WebAssembly.compile(bytesIn(base64));
}

/**
 * Compiles it at once, where the caller can't wait; browsers do that only off the main thread.
 *
 * @param {string} base64
 */
export function compileInlinedNow(base64) {
  return new WebAssembly.Module(bytesIn(base64));
}

/** @param {string} base64 @returns {Uint8Array<ArrayBuffer>} */
function bytesIn(base64) {
  return /** @type {any} */ (Uint8Array).fromBase64?.(base64) ?? Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}
