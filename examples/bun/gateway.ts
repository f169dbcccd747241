// A gateway in Bun, for servers that share a secret with it. README.md says how to run it.

import { createHash, timingSafeEqual } from "node:crypto";
import { createGateway } from "campaign-workflow/gateway";

const { env } = process;
const { CAMPAIGN_ORGANIZATION, IMS_CLIENT_ID, IMS_CLIENT_SECRET, IMS_SCOPE, CALLER_KEY } = required(
  "CAMPAIGN_ORGANIZATION",
  "IMS_CLIENT_ID",
  "IMS_CLIENT_SECRET",
  "IMS_SCOPE",
  "CALLER_KEY",
);
if (CALLER_KEY.length < 16) stop("CALLER_KEY needs 16 characters or more.");
const expected = digest(`Bearer ${CALLER_KEY}`);

const gateway = createGateway({
  organization: CAMPAIGN_ORGANIZATION,
  credentials: {
    clientId: IMS_CLIENT_ID,
    clientSecret: IMS_CLIENT_SECRET,
    scope: IMS_SCOPE,
    tokenUrl: env.IMS_TOKEN_URL,
  },
  baseUrl: env.CAMPAIGN_URL,
  allowedOrigins: env.ALLOWED_ORIGINS?.split(" "),
  workflows: env.WORKFLOWS?.split(" "),
  // Put your own sign-in here for people: a session, or a signed token. A shared secret is for servers.
  authorize: (request) => timingSafeEqual(digest(request.headers.get("authorization") ?? ""), expected),
  log: (entry) => console.log(JSON.stringify(entry)),
});

const server = Bun.serve({ port: Number(env.PORT ?? 8080), hostname: env.HOST ?? "127.0.0.1", fetch: gateway.fetch });
console.log(`http://127.0.0.1:${server.port}`);

/** Digests have one length, so the comparison takes the same time wherever two texts differ. */
function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}

function required<Name extends string>(...names: Name[]): Record<Name, string> {
  const missing = names.filter((name) => !env[name]);
  if (missing.length > 0) stop(`Set the environment variables ${missing.join(", ")}.`);
  return Object.fromEntries(names.map((name) => [name, env[name]])) as Record<Name, string>;
}

function stop(reason: string): never {
  console.error(`The gateway can't start. ${reason}`);
  process.exit(1);
}
