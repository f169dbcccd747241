// @ts-check
// A project that uses the client's slim entry replaces this file.

export { givesModule } from "./module.mjs";
