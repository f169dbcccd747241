// The glue that the build makes of the gateway's crate, as far as the hand-written code uses it.

/** One instance of the module. What traps in it throws. */
export interface GatewayCore {
  Gateway: new (optionsJson: string) => CoreGateway;
  Tokens: new (credentialsJson: string) => CoreTokens;
}

/** The crate's decisions about one request, step by step. */
export interface CoreGateway {
  head(head: CoreHead): CoreAnswer | undefined;
  body(head: CoreHead, body: Uint8Array): CoreAnswer | CoreWish;
  refused(head: CoreHead, why: "too-large" | "too-slow" | "broken" | "forbidden" | "unauthorizable" | "late" | "trapped"): CoreAnswer;
  accepted(head: CoreHead, status: number, requestId: string | null, body: "none" | "text" | "json"): CoreAnswer;
  failed(head: CoreHead, failure: object): CoreAnswer;
  timedOut(head: CoreHead): CoreAnswer;
  cors(head: CoreHead): [string, string][];
}

/** When a token is used again; times are milliseconds of the caller's clock. */
export interface CoreTokens {
  ask(now: number, refresh: boolean, waitedFor: number): CoreTokenAction;
  granted(now: number, number: number, expiresIn: unknown): void;
  failed(now: number, number: number, chance: number): CoreTokenAction;
}

/** `number` is that of the request to make, or to wait for at most `waitMs` milliseconds. */
export interface CoreTokenAction {
  action: "give" | "request" | "join" | "fail";
  number: number;
  waitMs: number;
}

/** What of a request is looked at before its body. */
export interface CoreHead {
  method: string;
  url: string;
  origin: string | null;
  contentType: string | null;
  contentLength: string | null;
  idempotencyKey: string | null;
  asksMethod: boolean;
}

export interface CoreAnswer {
  status: number;
  headers: [string, string][];
  body: string | null;
}

export interface CoreWish {
  organization: string;
  workflowId: string;
  command: import("./index.js").WorkflowCommand;
}

/** Makes a new instance. */
export function createCore(module: WebAssembly.Module): GatewayCore;
