// The gateway, for those who deploy one: what it can't do without does not compile when it is left out.

import { expectTypeOf } from "expect-type";
import type { WorkflowCommand } from "campaign-workflow";
import {
  createGateway,
  type GatewayContext,
  type GatewayLogEntry,
  type GatewayOperation,
  type GatewayOptions,
} from "campaign-workflow/gateway";

const known = { organization: "acme", apiKey: "key", accessToken: "token" };
const authorize: GatewayOptions["authorize"] = () => true;

const gateway = createGateway({ ...known, authorize });
expectTypeOf(gateway.fetch).parameter(0).toEqualTypeOf<Request>();
expectTypeOf(gateway.fetch).parameter(2).toEqualTypeOf<GatewayContext | null | undefined>();
expectTypeOf(gateway.fetch(new Request("http://localhost"))).resolves.toEqualTypeOf<Response>();

createGateway({
  ...known,
  authorize: async (request, asked) => {
    expectTypeOf(request).toEqualTypeOf<Request>();
    expectTypeOf(asked.organization).toEqualTypeOf<string>();
    expectTypeOf(asked.workflowId).toEqualTypeOf<string>();
    expectTypeOf(asked.command).toEqualTypeOf<GatewayOperation>();
    expectTypeOf(asked.command).toEqualTypeOf<WorkflowCommand | "read" | "signal">();
    return request.headers.has("x-user");
  },
  workflows: ["WKF42"],
  allowedOrigins: ["https://app.example"],
  basePath: "/campaign",
  baseUrl: "https://mc.adobe.io",
  fetch,
});

createGateway({
  ...known,
  authorize,
  workflows: { WKF42: ["start", "read", "signal"] },
  send: async ({ command }) => {
    expectTypeOf(command).toEqualTypeOf<WorkflowCommand>();
    return new Response();
  },
  log: (entry) => {
    expectTypeOf(entry).toEqualTypeOf<GatewayLogEntry>();
    expectTypeOf(entry.outcome).toEqualTypeOf<"accepted" | "not-executed" | "unknown">();
    expectTypeOf(entry.requestId).toEqualTypeOf<string>();
    console.log(JSON.stringify(entry));
  },
});

// @ts-expect-error somebody has to say who may
createGateway(known);
// @ts-expect-error yes or no
createGateway({ ...known, authorize: () => "yes" });
// @ts-expect-error a missing field
createGateway({ apiKey: "key", accessToken: "token", authorize });
// @ts-expect-error a misspelt field
createGateway({ ...known, authorize, allowedOrigin: [] });
// @ts-expect-error a wrong command
createGateway({ ...known, authorize, workflows: { WKF42: ["restart"] } });
