// @ts-check
// The OpenAPI description, and the same with values of existing workflows: without them a fuzzer would get little but 404.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../scripts/lib/paths.mjs";
import { organization } from "../../support/secrets.mjs";

/** @returns {any} */
export const description = () => JSON.parse(readFileSync(join(root, "openapi", "openapi.json"), "utf8"));

/**
 * The description with values of this Worker as alternatives of some parameters. Responses are unchanged.
 *
 * @param {{ workflows: readonly string[], signalled: readonly string[], activities: readonly string[], ids: readonly string[], numbers: number, origins: readonly string[] }} known
 */
export function descriptionFor({ workflows, signalled, activities, ids, numbers, origins }) {
  const own = description();
  const { parameters, schemas } = own.components;
  const or = (/** @type {readonly unknown[]} */ values, /** @type {object} */ schema) => ({
    anyOf: [{ enum: values }, schema],
  });
  const keys = ["key-1", "key-2", "key-3"];
  const widened = {
    WorkflowId: or(workflows, parameters.WorkflowId.schema),
    Activity: or(activities, parameters.Activity.schema),
    CommandId: or(ids, parameters.CommandId.schema),
    IdempotencyKey: or(keys, parameters.IdempotencyKey.schema),
    Prefer: or(["respond-async", "respond-async, wait=10"], parameters.Prefer.schema),
    DelaySeconds: or([0, 1], parameters.DelaySeconds.schema),
    Origin: or(origins, parameters.Origin.schema),
    AccessControlRequestMethod: or(["GET", "POST", "DELETE"], parameters.AccessControlRequestMethod.schema),
    Organization: { enum: [organization] },
    Number: { type: "integer", minimum: 1, maximum: numbers },
  };
  for (const [name, schema] of Object.entries(widened)) {
    parameters[name].schema = schema;
    delete parameters[name].example;
  }
  const trigger = own.paths[Object.keys(own.paths).find((path) => path.includes("/trigger/")) ?? ""];
  trigger.parameters[1] = { ...parameters.WorkflowId, schema: or(signalled, { enum: workflows }) };
  const bulk = schemas.BulkRequest.properties.commands.items.properties;
  bulk.workflowId = or(workflows, bulk.workflowId);
  bulk.idempotencyKey = or(keys, bulk.idempotencyKey);
  bulk.delaySeconds = or([0, 1], bulk.delaySeconds);
  return own;
}
