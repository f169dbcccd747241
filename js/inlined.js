// @ts-check

/**
 * Compiles a module that is inlined as base64.
 *
 * @param {string} base64
 * @returns {Promise<WebAssembly.Module>}
 */
export async function compileInlined(base64) {
  const bytes =
    /** @type {any} */ (Uint8Array).fromBase64?.(base64) ?? Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  return WebAssembly.compile(bytes);
}
