// @ts-check
// Each project has its own here where the package has that entry.

/** @type {import("./scenario.mjs").CreateGateway | undefined} */
export const createGateway = undefined;
