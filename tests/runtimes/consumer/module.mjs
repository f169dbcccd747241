// @ts-check
// A project that uses the slim entry replaces this file.

/** @returns {Promise<WebAssembly.Module>} */
export const givesModule = () => Promise.reject(new Error("no module"));
