// The glue that the build makes of the gateway's crate, as far as the hand-written code uses it.

/** One instance of the module. What traps in it throws. */
export interface GatewayCore {
  Gateway: new (options: unknown) => CoreGateway;
  TokenProvider: new (credentials: unknown) => CoreTokenProvider;
}

export interface CoreGateway {
  /** Serves a request, and records its progress in `progress`. */
  fetch(request: Request, progress: RequestProgress): Promise<Response>;
  /** The answer to a request whose instance has trapped. */
  trapResponse(request: Request, progress: RequestProgress): Response;
}

export interface CoreTokenProvider {
  token(refresh: boolean): Promise<string>;
}

/** How far a request has come; the module writes to it. */
export interface RequestProgress {
  startedMs?: number;
  command?: string;
  requested?: object;
  /** Something may have been executed. */
  sent?: boolean;
  /** What the user's own `send` promised. */
  sendPromise?: unknown;
}

/** Makes a new instance. */
export function createCore(module: WebAssembly.Module, guard: import("./core.js").Guard): GatewayCore;
