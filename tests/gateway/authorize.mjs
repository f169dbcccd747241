// @ts-check
// The `authorize` of the tests: the caller's Authorization header decides its result.

/** A text in errors that must never reach a caller. */
export const internalDetail = "s3cr3t-of-the-session-store";

/** @param {Request} request @param {import("campaign-workflow/gateway").AuthorizedCommand} command @returns {any} */
export function authorize(request, command) {
  switch (request.headers.get("authorization")) {
    case "Bearer alice":
      return true;
    case "Bearer alice-later":
      return Promise.resolve(true);
    case "Bearer viewer":
      return command.command === "read";
    case "Bearer truthy":
      return 1;
    case "Bearer object":
      return { allowed: true };
    case "Bearer later-no":
      return Promise.resolve("true");
    case "Bearer throws":
      throw new Error(internalDetail);
    case "Bearer rejects":
      return Promise.reject(new Error(internalDetail));
    case "Bearer hangs":
      return new Promise(() => {});
    default:
      return false;
  }
}
