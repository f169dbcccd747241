// @ts-check
// Each project that uses the slim entry puts its own here.

/** @returns {Promise<WebAssembly.Module>} */
export const givesModule = () => Promise.reject(new Error("no module"));
