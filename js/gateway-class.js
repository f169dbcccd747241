// @ts-check
// Restarts the gateway's module after a trap, and responds to the requests that the trap ended. All other decisions are
// in the module.
import { guarded } from "./module-calls.js";

/** @typedef {import("./gateway-core.js").RequestProgress} RequestProgress */
/** @typedef {import("./gateway-core.js").GatewayCore} GatewayCore */

/**
 * Defines the gateway over a module that is compiled when the first gateway is created.
 *
 * @param {(module: WebAssembly.Module, guard: import("./core.js").Guard) => GatewayCore} createCore
 * @param {() => WebAssembly.Module} compile
 * @returns {Pick<typeof import("./gateway.js"), "createGateway" | "imsTokenProvider">}
 */
export function defineGateway(createCore, compile) {
  /** @type {WebAssembly.Module | undefined} */
  let compiled;

  /**
   * Creates an object of the module in its own instance. A trap ends the calls in that instance, and the next call
   * creates a new one.
   *
   * @template {keyof GatewayCore} N @param {N} name @param {any} options
   */
  function createRestartable(name, options) {
    /** @typedef {InstanceType<GatewayCore[N]>} Made */
    const optionsCopy = copyOf(options);
    /** @type {{ object: Made, calls: Set<(error: unknown) => void> } | undefined} */
    let current;
    const make = () => {
      /** @type {Set<(error: unknown) => void>} */
      const calls = new Set();
      const core = createCore((compiled ??= compile()), (exports, kinds) =>
        guarded(exports, kinds, (cause) => {
          if (current?.calls === calls) current = undefined;
          for (const reject of calls) reject(cause);
        }),
      );
      return (current = { object: /** @type {Made} */ (new core[name](optionsCopy)), calls });
    };
    make();
    return {
      /** @template R @param {(object: Made) => R} use @returns {R} */
      run: (use) => use((current ?? make()).object),
      /** @template R @param {(object: Made) => Promise<R>} use @returns {Promise<R>} */
      call: (use) =>
        new Promise((resolve, reject) => {
          const { object, calls } = current ?? make();
          calls.add(reject);
          use(object)
            .then(resolve, reject)
            .finally(() => calls.delete(reject));
        }),
    };
  }

  return {
    createGateway(options) {
      const gateway = createRestartable("Gateway", options);

      /** @param {Request} request @param {RequestProgress} progress */
      async function serve(request, progress) {
        try {
          return await gateway.call((object) => object.fetch(request, progress));
        } catch {
          return failedInside(progress, () => gateway.run((object) => object.trapResponse(request, progress)));
        }
      }

      return {
        fetch(request, _env, ctx) {
          /** @type {RequestProgress} */
          const progress = {};
          const response = serve(request, progress);
          // The user's own `send` may continue after the response to a deadline.
          const work = response.then(() => progress.sendPromise);
          keepAlive(ctx, work);
          return response;
        },
      };
    },

    imsTokenProvider(credentials) {
      const tokens = createRestartable("TokenProvider", credentials);
      return ({ refresh } = { refresh: false }) => tokens.call((object) => object.token(refresh === true));
    },
  };
}

/** Copies the options, so that the caller can change the object. @param {any} options */
function copyOf(options) {
  if (!isObject(options)) return options;
  const { credentials } = /** @type {{ credentials?: unknown }} */ (options);
  return { ...options, credentials: isObject(credentials) ? { ...credentials } : credentials };
}

/** @param {unknown} value */
const isObject = (value) => typeof value === "object" && value !== null;

/**
 * Asks the host, if it can, to complete the work of a request even if its client disconnects.
 *
 * @param {{ waitUntil?: unknown } | null | undefined} ctx @param {Promise<unknown>} work
 */
export function keepAlive(ctx, work) {
  const settled = work.catch(() => {});
  try {
    if (typeof ctx?.waitUntil === "function") ctx.waitUntil(settled);
  } catch {}
}

/**
 * The response after a trap. A new instance makes it; if that fails too, this function does.
 *
 * @param {RequestProgress} progress @param {() => Response} [makeResponse]
 */
export function failedInside({ sent }, makeResponse) {
  try {
    if (makeResponse) return makeResponse();
  } catch {}
  const [status, title, outcome] = sent
    ? [502, "Bad Gateway", "unknown"]
    : [500, "Internal Server Error", "not-executed"];
  const document = {
    type: "about:blank",
    title,
    status,
    detail: "The gateway failed internally.",
    code: "internal",
    outcome,
    hint: null,
    retryAfterMs: null,
  };
  const headers = {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    vary: "Origin",
  };
  return new Response(JSON.stringify(document), { status, headers });
}
