// @ts-check
// The Worker around the WebAssembly module: it passes requests, messages and triggers to the module, and calls the objects for it.

import { guarded } from "./module-calls.js";
import { createCore } from "./cloudflare-core.js";
import module from "./cloudflare-core.wasm";
import { failedInside, keepAlive } from "./gateway-class.js";

export { WorkflowObject } from "./workflow-object.js";

/** @typedef {import("./cloudflare-core.js").CoreWorker} CoreWorker */
/** @typedef {import("./cloudflare-core.js").ObjectCall} ObjectCall */
/** @typedef {import("./gateway-core.js").RequestProgress} RequestProgress */

/** @type {typeof import("./cloudflare.js").createWorker} */
export function createWorker({ authorize, log }) {
  if (typeof authorize !== "function")
    throw new TypeError(
      "createWorker: authorize is required: a function that returns the caller's name if they may do the operation",
    );
  /** The Worker in the module, and the calls that a trap rejects. @type {{ worker: CoreWorker, calls: Set<(cause: unknown) => void> } | undefined} */
  let current;

  /** @param {any} env */
  function createInstance(env) {
    /** @type {Set<(cause: unknown) => void>} */
    const calls = new Set();
    const core = createCore(module, (exports, kinds) =>
      guarded(exports, kinds, (cause) => {
        if (current?.calls === calls) current = undefined;
        for (const reject of calls) reject(cause);
      }),
    );
    const options = {
      log: log ?? ((/** @type {object} */ line) => console.log(JSON.stringify(line))),
      callObject: (/** @type {ObjectCall} */ call) => callObject(env, call),
      limit: env.RATE_LIMITER && ((/** @type {string} */ caller) => isWithinLimit(env, caller)),
      /** @param {Request} request @param {any} requested */
      async authorize(request, requested) {
        const who = await authorize(request, requested, env);
        if (typeof who === "string") requested.caller = who;
        return typeof who === "string" || who === true;
      },
    };
    return (current = { worker: new core.Worker(env, options), calls });
  }

  /** @template R @param {any} env @param {(worker: CoreWorker) => Promise<R>} run @returns {Promise<R>} */
  const call = (env, run) =>
    new Promise((resolve, reject) => {
      const { worker, calls } = current ?? createInstance(env);
      calls.add(reject);
      run(worker)
        .then(resolve, reject)
        .finally(() => calls.delete(reject));
    });

  /** @param {Request} request @param {any} env @param {RequestProgress} progress */
  async function serve(request, env, progress) {
    try {
      return await call(env, (worker) => worker.fetch(request, progress));
    } catch {
      return failedInside(progress);
    }
  }

  return {
    fetch(request, env, ctx) {
      const response = serve(request, env, {});
      keepAlive(ctx, response);
      return response;
    },

    async queue(batch, /** @type {any} */ env) {
      const deliver = async (/** @type {any} */ message) => {
        // A message of an earlier version names an object that stores the command. A call to the object makes it set its alarm.
        const { object } = message.body ?? {};
        if (object) await env.WORKFLOWS_BY_ID.get(env.WORKFLOWS_BY_ID.idFromString(object)).history();
        return object !== undefined || call(env, (worker) => worker.deliver(message.body));
      };
      await Promise.all(
        batch.messages.map(async (message) => {
          if (await deliver(message).catch(() => false)) message.ack();
          else message.retry({ delaySeconds: 10 });
        }),
      );
    },

    async scheduled({ cron, scheduledTime }, /** @type {any} */ env) {
      const lost = await call(env, (worker) => worker.scheduled(cron, scheduledTime));
      for (const order of lost) {
        console.error(
          JSON.stringify({
            time: new Date().toISOString(),
            message: "A scheduled command goes to the queue, because its object did not respond",
            ...order,
          }),
        );
        await env.COMMANDS.send(order, { contentType: "json" });
      }
    },
  };
}

/** @param {any} env @param {string} caller @returns {Promise<boolean>} */
async function isWithinLimit({ RATE_LIMITER }, caller) {
  try {
    return (await RATE_LIMITER.limit({ key: caller })).success;
  } catch (error) {
    console.error(
      JSON.stringify({
        time: new Date().toISOString(),
        message: "The rate limiter failed, so no caller is limited",
        error: String(error),
      }),
    );
    throw error;
  }
}

/** @param {any} env @param {ObjectCall} call @returns {Promise<string>} */
function callObject({ WORKFLOWS_BY_ID }, { organization, workflowId, method, values }) {
  const object = WORKFLOWS_BY_ID.get(WORKFLOWS_BY_ID.idFromName(JSON.stringify([organization, workflowId])));
  return object[method](...values);
}
