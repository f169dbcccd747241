// The example's Worker, and an address that returns the size of an object's storage.

import worker, { WorkflowObject as ShippedObject } from "the-example";

export class WorkflowObject extends ShippedObject {
  figures() {
    const { sql } = this.ctx.storage;
    const { rows, keys } = sql.exec("SELECT count(*) AS rows, count(key) AS keys FROM commands").one();
    return { rows, keys, bytes: sql.databaseSize };
  }
}

export default {
  ...worker,
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== "/bench/figures") return worker.fetch(request, env, ctx);
    const { WORKFLOWS_BY_ID: objects, CAMPAIGN_ORGANIZATION } = env;
    const name = JSON.stringify([CAMPAIGN_ORGANIZATION, searchParams.get("workflow")]);
    return Response.json(await objects.get(objects.idFromName(name)).figures());
  },
};
