// @ts-check
// Each project replaces this file if the package has this entry.

/** @type {import("./scenario.mjs").CreateGateway | undefined} */
export const createGateway = undefined;
