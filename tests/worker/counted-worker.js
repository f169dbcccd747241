// The example's Worker, and an address that returns how many instances of its modules the isolate has.

import { instances } from "./counted-instances.js";
import worker, { WorkflowObject } from "the-example";

export { WorkflowObject };

export default {
  ...worker,
  fetch: (request, env, ctx) =>
    new URL(request.url).pathname === "/test/instances" ? Response.json(instances()) : worker.fetch(request, env, ctx),
};
