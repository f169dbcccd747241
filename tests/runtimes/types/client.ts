// What a TypeScript consumer may write, and what the compiler has to refuse: an @ts-expect-error that finds no error is one.

import { expectTypeOf } from "expect-type";
import { isWorkflowCommandError, sendWorkflowCommand, WorkflowCommandError } from "campaign-workflow";
import type {
  AbortSignalLike,
  FetchLike,
  ResponseLike,
  WorkflowCommand,
  WorkflowCommandErrorCode,
  WorkflowCommandReceipt,
  WorkflowCommandRequest,
} from "campaign-workflow";
import module from "campaign-workflow/core.wasm";
import * as slim from "campaign-workflow/slim";

const least = { organization: "acme", workflowId: "WKF42", command: "start" } as const;

expectTypeOf<WorkflowCommand>().toEqualTypeOf<"start" | "pause" | "resume" | "stop">();
expectTypeOf(sendWorkflowCommand).parameters.toEqualTypeOf<[request: WorkflowCommandRequest]>();
expectTypeOf(sendWorkflowCommand(least)).resolves.toEqualTypeOf<WorkflowCommandReceipt>();
expectTypeOf<WorkflowCommandReceipt>().toEqualTypeOf<{
  workflowId: string;
  command: WorkflowCommand;
  status: number;
  body: unknown;
  requestId: string | null;
  attempts: number;
}>();

// @ts-expect-error a wrong command
sendWorkflowCommand({ ...least, command: "restart" });
// @ts-expect-error a command that is any text
sendWorkflowCommand({ ...least, command: String("start") });
// @ts-expect-error a missing field
sendWorkflowCommand({ organization: "acme", workflowId: "WKF42" });
// @ts-expect-error a missing field
sendWorkflowCommand({ organization: "acme", command: "start" });
// @ts-expect-error a missing field
sendWorkflowCommand({ workflowId: "WKF42", command: "start" });
// @ts-expect-error a misspelt field
sendWorkflowCommand({ ...least, timeoutMS: 1000 });
// @ts-expect-error a wrong type
sendWorkflowCommand({ ...least, timeoutMs: "1000" });
// @ts-expect-error null is refused
sendWorkflowCommand({ ...least, apiKey: null });
// @ts-expect-error no request at all
sendWorkflowCommand();

/** Whatever is optional may be undefined, also under exactOptionalPropertyTypes. */
export const everything = (signal?: AbortSignalLike, fetch?: FetchLike) =>
  sendWorkflowCommand({
    ...least,
    accessToken: async ({ refresh }) => (refresh ? "fresh" : "token"),
    apiKey: undefined,
    baseUrl: undefined,
    fetch,
    signal,
    timeoutMs: undefined,
    attemptTimeoutMs: 1000,
    maxRetries: 0,
    headers: { "X-Trace": "1" },
    allowBrowserCredentials: undefined,
  });

/** A service binding of Cloudflare fits, and so does a stub. */
export const bound = (service: { fetch(url: string, init?: object): Promise<ResponseLike> }) =>
  sendWorkflowCommand({ ...least, fetch: (url, init) => service.fetch(url, init) });

export function told(error: unknown): string {
  if (!isWorkflowCommandError(error)) {
    expectTypeOf(error).toBeUnknown();
    return "";
  }
  expectTypeOf(error).toEqualTypeOf<WorkflowCommandError>();
  expectTypeOf(error).toExtend<Error>();
  expectTypeOf(error.name).toEqualTypeOf<"WorkflowCommandError">();
  expectTypeOf(error.code).toEqualTypeOf<WorkflowCommandErrorCode>();
  expectTypeOf(error.outcome).toEqualTypeOf<"not-executed" | "unknown">();
  expectTypeOf(error.status).toEqualTypeOf<number | null>();
  expectTypeOf(error.errorCode).toEqualTypeOf<string | null>();
  expectTypeOf(error.body).toEqualTypeOf<string | null>();
  expectTypeOf(error.hint).toEqualTypeOf<string | null>();
  expectTypeOf(error.retryAfterMs).toEqualTypeOf<number | null>();
  expectTypeOf(error.requestId).toEqualTypeOf<string | null>();
  expectTypeOf(error.attempts).toEqualTypeOf<number>();
  expectTypeOf(error.cause).toBeUnknown();
  // @ts-expect-error fields are read, not written
  error.code = "internal";
  // @ts-expect-error no such code
  if (error.code === "no-such-code") return "";
  return inWords(error.code);
}

/** Every code, and no other: a code that is missing here, or one too many, does not compile. */
function inWords(code: WorkflowCommandErrorCode): string {
  switch (code) {
    case "invalid-argument":
    case "token-unavailable":
      return "here";
    case "unauthenticated":
    case "forbidden":
    case "not-found":
    case "rate-limited":
    case "rejected":
    case "redirected":
    case "server-error":
    case "bad-response":
    case "invalid-trigger":
      return "there";
    case "unreachable":
    case "network":
    case "timeout":
    case "aborted":
      return "on the way";
    case "internal":
      return "in the package";
    default: {
      const none: never = code;
      return none;
    }
  }
}

// @ts-expect-error errors are made by the package alone
export const made = () => new WorkflowCommandError("message");

const { sendWorkflowCommand: send } = slim.withModule(async () => ({}));
expectTypeOf(send).toEqualTypeOf<typeof sendWorkflowCommand>();
expectTypeOf(slim.isWorkflowCommandError).toEqualTypeOf<typeof isWorkflowCommandError>();
expectTypeOf(slim.WorkflowCommandError).toEqualTypeOf<typeof WorkflowCommandError>();
slim.withModule(module);
// @ts-expect-error an address is no module
slim.withModule("/core.wasm");
// @ts-expect-error a module has to come from somewhere
slim.withModule();
