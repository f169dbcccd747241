// A gateway and a local Campaign inside Vite's server, so that the pages work without an account. For development only.

import { getRequestListener } from "@hono/node-server";
import { CampaignEmulator } from "campaign-workflow/emulator";
import { createGateway } from "campaign-workflow/gateway";
import type { Connect, Plugin } from "vite";

const organization = "acme-mkt-stage";

/** Serves the gateway below /api/. */
export function localGateway(): Plugin {
  const use = async ({ middlewares }: { middlewares: Connect.Server }, port: number) => {
    const answer = getRequestListener(createLocalGateway(port).fetch, { overrideGlobalObjects: false });
    middlewares.use((request, response, next) =>
      request.url?.startsWith("/api/") ? answer(request, response) : next(),
    );
  };
  return {
    name: "local-gateway",
    configureServer: (server) => use(server, server.config.server.port),
    configurePreviewServer: (server) => use(server, server.config.preview.port),
  };
}

function createLocalGateway(port: number) {
  const campaign = new CampaignEmulator({
    organization,
    workflows: [{ id: "WKF101" }, { id: "WKF102" }],
    runMs: 3000,
  });
  // Campaign executes the command, but its response gets lost.
  campaign.addFault({ kind: "lost-answer", workflowId: "WKF102", times: null });
  return createGateway({
    organization,
    basePath: "/api",
    accessToken: "local-token",
    apiKey: "local-key",
    fetch: campaign.fetch,
    allowedOrigins: [`http://127.0.0.1:${port}`, `http://localhost:${port}`],
    // Everybody who reaches Vite's server, which listens on this machine only. A real gateway checks who the user is.
    authorize: () => true,
    log: ({ workflowId, command, outcome, status }) => console.log(workflowId, command, outcome, status),
  });
}
