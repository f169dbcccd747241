// A gateway in Node: `npm install campaign-workflow @hono/node-server hono`, then `node gateway.mjs`.
import { serve } from "@hono/node-server";
import { createGateway } from "campaign-workflow/gateway";

const { env } = process;

const gateway = createGateway({
  organization: env.CAMPAIGN_ORGANIZATION,
  credentials: {
    clientId: env.IMS_CLIENT_ID,
    clientSecret: env.IMS_CLIENT_SECRET,
    scope: env.IMS_SCOPE,
    tokenUrl: env.IMS_TOKEN_URL,
  },
  baseUrl: env.CAMPAIGN_URL,
  allowedOrigins: env.ALLOWED_ORIGINS?.split(" "),
  workflows: env.WORKFLOWS?.split(" "),
  // Here stands your own sign-in: a session, a signed token. This is a shared key, for servers that know each other.
  authorize: (request) =>
    Boolean(env.CALLER_KEY) && request.headers.get("authorization") === `Bearer ${env.CALLER_KEY}`,
});

serve({ fetch: gateway.fetch, port: Number(env.PORT ?? 8080), hostname: env.HOST ?? "127.0.0.1" }, ({ port }) =>
  console.log(`http://127.0.0.1:${port}`),
);
