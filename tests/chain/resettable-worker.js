// The example's Worker, whose objects can be reset at any write to their storage, as the platform may do at any time. `the-example` is
// the `main` of its wrangler.jsonc.

import worker, { WorkflowObject as ShippedObject } from "the-example";

/** The workflow of each object, by the object's id. @type {Map<string, string>} */
const workflowOf = new Map();
/** The fault of each object, by its workflow; `until`: when a full disk has room again. @type {Map<string, { at: number, mode: string, until?: number } | null>} */
const plans = new Map();
const fullMs = 800;
/** How often each workflow's object wrote to its storage. @type {Map<string, number>} */
const steps = new Map();

export class WorkflowObject extends ShippedObject {
  constructor(ctx, env) {
    const workflowId = workflowOf.get(ctx.id.toString());
    watch(ctx, workflowId, ["sync", "transactionSync", "setAlarm", "put", "delete"], ctx.storage);
    watch(ctx, workflowId, ["exec"], ctx.storage.sql);
    super(ctx, env);
  }

  resetNow() {
    reset(this.ctx);
  }
}

/** Counts the writes, and causes the fault of the plan: before a write, after it, or by a disk that refuses it. */
function watch(ctx, workflowId, methods, storage) {
  for (const method of methods) {
    const shipped = storage[method].bind(storage);
    storage[method] = (...args) => {
      if (method === "exec" && /^\s*SELECT/i.test(args[0])) return shipped(...args);
      const step = (steps.get(workflowId) ?? 0) + 1;
      steps.set(workflowId, step);
      const plan = plans.get(workflowId);
      const { at = Infinity, mode } = plan ?? {};
      if (mode === "refuse" && step === at) throw new Error("the disk refuses this write");
      if (mode === "full" && step >= at && (plan.until ??= Date.now() + fullMs) > Date.now())
        throw new Error("the disk is full");
      if (mode === "reset-before" && step === at) reset(ctx);
      const result = shipped(...args);
      if (mode === "reset-after" && step === at) reset(ctx);
      return result;
    };
  }
}

function reset(ctx) {
  ctx.abort("reset by the test");
  throw new Error("reset by the test");
}

export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    const [, action] = /^\/test\/(\w+)$/.exec(pathname) ?? [];
    if (action) return control(action, await request.json(), env);
    return worker.fetch(request, { ...env, WORKFLOWS_BY_ID: named(env.WORKFLOWS_BY_ID) }, ctx);
  },

  queue: (...args) => worker.queue(...args),
  scheduled: (...args) => worker.scheduled(...args),
};

/** Records the workflow of each object: the Worker names an object by the workflow's id. */
function named(namespace) {
  return new Proxy(namespace, {
    get(target, property) {
      const value = target[property];
      if (typeof value !== "function") return value;
      if (property !== "idFromName") return value.bind(target);
      return (name) => {
        const id = target.idFromName(name);
        workflowOf.set(id.toString(), name.match(/WKF\w+/)?.[0]);
        return id;
      };
    },
  });
}

async function control(action, { workflowId, plan }, env) {
  if (action === "plan") plans.set(workflowId, plan);
  if (action === "reset") {
    const [id] = [...workflowOf].find(([, one]) => one === workflowId) ?? [];
    await env.WORKFLOWS_BY_ID.get(env.WORKFLOWS_BY_ID.idFromString(id))
      .resetNow()
      .catch(() => {});
  }
  return Response.json({ steps: steps.get(workflowId) ?? 0 });
}
