// The example's Worker with a disk that can be full, objects that can be reset, as the platform may do at any time, and objects that
// schedule and queue can't reach.

import worker, { WorkflowObject as ShippedObject } from "the-example";

let isFull = false;
/** How many calls of schedule and queue still fail. */
let callsThatFail = 0;

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

  /** Loses the alarm, as when the platform gives it up. */
  async loseAlarm() {
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.sync();
  }
}

export default {
  ...worker,
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/test/disk") isFull = searchParams.get("is") === "full";
    else if (pathname === "/test/unavailable") callsThatFail = Number(searchParams.get("calls"));
    else if (pathname === "/test/reset")
      await objectOf(env, searchParams.get("workflow"))
        .resetNow()
        .catch(() => {});
    else if (pathname === "/test/lose-alarm") {
      await objectOf(env, searchParams.get("workflow")).loseAlarm();
      await objectOf(env, searchParams.get("workflow"))
        .resetNow()
        .catch(() => {});
    } else return worker.fetch(request, env, ctx);
    return new Response();
  },
  scheduled: (trigger, env, ctx) => worker.scheduled(trigger, unavailableFor(env), ctx),
  queue: (batch, env, ctx) => worker.queue(batch, unavailableFor(env), ctx),
};

function unavailableFor(env) {
  const { WORKFLOWS_BY_ID: objects } = env;
  const lost = {
    enqueue() {
      throw new Error("the object is unavailable");
    },
  };
  return {
    ...env,
    WORKFLOWS_BY_ID: {
      idFromName: (name) => objects.idFromName(name),
      get: (id) => (callsThatFail-- > 0 ? lost : objects.get(id)),
    },
  };
}

function objectOf({ WORKFLOWS_BY_ID, CAMPAIGN_ORGANIZATION }, workflowId) {
  return WORKFLOWS_BY_ID.get(WORKFLOWS_BY_ID.idFromName(JSON.stringify([CAMPAIGN_ORGANIZATION, workflowId])));
}
