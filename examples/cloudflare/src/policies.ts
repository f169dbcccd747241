// Reads the variable POLICIES: what each user of Cloudflare Access may do.
//
//   { "jo@example.com": { "WKF101": ["read", "start"], "*": ["read"] }, "*": { "*": ["read"] } }

import type { AskedOperation } from "campaign-workflow/cloudflare";

/** By user, in lower case, then by workflow. `"*"` stands for all users or workflows without an entry. */
export type Policies = Record<string, Record<string, readonly string[]>>;

const operations = ["read", "start", "pause", "resume", "stop", "signal"];

/** @throws {TypeError} if the shape is wrong. The message has no values: the users' addresses must not get into the log. */
export function readPolicies(value: unknown): Policies {
  if (isPolicies(value ?? {})) return (value ?? {}) as Policies;
  throw new TypeError(
    `POLICIES must be an object by user, in lower case, or "*", then by workflow or "*", with lists of: ${operations.join(", ")}`,
  );
}

function isPolicies(value: unknown): boolean {
  const isListOfOperations = (list: unknown) => Array.isArray(list) && list.every((one) => operations.includes(one));
  const isUser = (user: string, workflows: unknown) =>
    user === user.toLowerCase() && isObject(workflows) && Object.values(workflows).every(isListOfOperations);
  return isObject(value) && Object.entries(value).every(([user, workflows]) => isUser(user, workflows));
}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** An entry for a user or a workflow replaces that of `"*"`. */
export function allows(policies: Policies, user: string, { workflowId, command }: AskedOperation): boolean {
  const workflows = entry(policies, user);
  return (workflows && entry(workflows, workflowId))?.includes(command) ?? false;
}

/** `hasOwn`, because every object inherits `constructor`. */
function entry<T>(record: Record<string, T>, name: string): T | undefined {
  const key = [name, "*"].find((one) => Object.hasOwn(record, one));
  return key === undefined ? undefined : record[key];
}
