// @ts-check
// Each project that uses the client's slim entry puts its own here.

export { givesModule } from "./module.mjs";
