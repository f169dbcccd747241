// The example's Worker as it is, with a disk that can be full, and objects that can be reset, as the platform does at any time.

import worker, { WorkflowObject as ShippedObject } from "the-example";

let isFull = false;

export class WorkflowObject extends ShippedObject {
  constructor(ctx, env) {
    const { sql } = ctx.storage;
    const exec = sql.exec.bind(sql);
    for (const statement of env.FIRST_STATEMENTS ?? []) exec(statement);
    sql.exec = (query, ...values) => {
      if (isFull && /^\s*(INSERT|UPDATE|DELETE)/i.test(query)) throw new Error("the disk is full");
      return exec(query, ...values);
    };
    super(ctx, env);
  }

  resetNow() {
    this.ctx.abort("reset by the test");
  }
}

export default {
  ...worker,
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/test/disk") isFull = searchParams.get("is") === "full";
    else if (pathname === "/test/reset") await objectOf(env, searchParams.get("workflow")).resetNow().catch(() => {});
    else return worker.fetch(request, env, ctx);
    return new Response();
  },
};

function objectOf({ WORKFLOWS_BY_ID, CAMPAIGN_ORGANIZATION }, workflowId) {
  return WORKFLOWS_BY_ID.get(WORKFLOWS_BY_ID.idFromName(JSON.stringify([CAMPAIGN_ORGANIZATION, workflowId])));
}
