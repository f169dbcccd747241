// @ts-check
// Compiles a module that is inlined as hexadecimal text. Base64 would break the alignment of its bytes, and compress
// less well.

/**
 * @param {string} hex
 * @returns {Promise<WebAssembly.Module>}
 */
export const compileInlined = async (hex) => WebAssembly.compile(bytesIn(hex));

/**
 * Compiles it synchronously. Browsers allow that only outside of the main thread.
 *
 * @param {string} hex
 */
export const compileInlinedNow = (hex) => new WebAssembly.Module(bytesIn(hex));

/** @param {string} hex @returns {Uint8Array<ArrayBuffer>} */
function bytesIn(hex) {
  const { fromHex } = /** @type {any} */ (Uint8Array);
  if (fromHex) return fromHex.call(Uint8Array, hex);
  const bytes = new Uint8Array(hex.length / 2);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}
