// The example's Worker as it is, which also says how many instances of its modules there are in the isolate.

import { instances } from "./counted-instances.js";
import worker, { WorkflowObject } from "the-example";

export { WorkflowObject };

export default {
  ...worker,
  fetch: (request, env, ctx) =>
    new URL(request.url).pathname === "/test/instances" ? Response.json(instances()) : worker.fetch(request, env, ctx),
};
