// What each user of Cloudflare Access may do: the variable POLICIES.
//
//   { "jo@example.com": { "WKF101": ["read", "start"], "*": ["read"] }, "*": { "*": ["read"] } }

import type { AskedOperation } from "campaign-workflow/cloudflare";

/** By the user, in lower case, and then by the workflow; `"*"` stands for all that are not named. */
export type Policies = Record<string, Record<string, readonly string[]>>;

const operations = ["read", "start", "pause", "resume", "stop", "signal"];

/** @throws {TypeError} if the shape is wrong. It names no value: the log must not have the users' addresses. */
export function readPolicies(given: unknown): Policies {
  if (isPolicies(given ?? {})) return (given ?? {}) as Policies;
  throw new TypeError(
    `POLICIES must be an object by user, in lower case, or "*", then by workflow or "*", with lists of: ${operations.join(", ")}`,
  );
}

function isPolicies(given: unknown): boolean {
  const isListOfOperations = (list: unknown) => Array.isArray(list) && list.every((one) => operations.includes(one));
  const isUser = (user: string, workflows: unknown) =>
    user === user.toLowerCase() && isObject(workflows) && Object.values(workflows).every(isListOfOperations);
  return isObject(given) && Object.entries(given).every(([user, workflows]) => isUser(user, workflows));
}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A user who is named has nothing of `"*"`, and a workflow that is named neither. */
export function allows(policies: Policies, user: string, { workflowId, command }: AskedOperation): boolean {
  const workflows = entry(policies, user);
  return (workflows && entry(workflows, workflowId))?.includes(command) ?? false;
}

/** `hasOwn`, because every object inherits a `constructor`. */
function entry<T>(record: Record<string, T>, name: string): T | undefined {
  const key = [name, "*"].find((one) => Object.hasOwn(record, one));
  return key === undefined ? undefined : record[key];
}
