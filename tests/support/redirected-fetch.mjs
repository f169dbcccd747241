// @ts-check
// Loaded with `--import` in front of an example that names servers of the real world: its requests go to the local servers of
// LOCAL_SERVERS, by origin.

/** @type {Record<string, string>} */
const localServers = JSON.parse(process.env.LOCAL_SERVERS ?? "{}");
const platformFetch = globalThis.fetch;

globalThis.fetch = (/** @type {any} */ input, /** @type {any} */ init) => {
  const { origin, href } = new URL(String(input));
  const local = localServers[origin];
  if (local === undefined) throw new Error(`The test has no server for ${origin}`);
  return platformFetch(href.replace(origin, local), init);
};
