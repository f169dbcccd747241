// @ts-check
// The users' own part: here the caller's Authorization header says what comes of it.

/** What must never show. */
export const internalDetail = "s3cr3t-of-the-session-store";

/** @param {Request} request @param {import("campaign-workflow/gateway").AuthorizedCommand} asked @returns {any} */
export function authorize(request, asked) {
  switch (request.headers.get("authorization")) {
    case "Bearer alice":
      return true;
    case "Bearer alice-later":
      return Promise.resolve(true);
    case "Bearer viewer":
      return asked.command === "read";
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
