// @ts-check
// Compares the package's types for the Worker's commands with the schemas of the OpenAPI description.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import ts from "typescript";
import { root } from "../../../scripts/lib/paths.mjs";
import { description } from "./description.mjs";

const { schemas } = description().components;

/** @param {...string} path */
function declarationsOf(...path) {
  const file = join(root, ...path);
  return ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest).statements;
}

const storedCommands = declarationsOf("js", "stored-commands.d.ts");
const command = declarationsOf("js", "index.d.ts");

/** @param {ts.Node} type @returns {unknown[]} the literals of a union, with null */
function wordsOf(type) {
  if (ts.isUnionTypeNode(type)) return type.types.flatMap(wordsOf);
  if (!ts.isLiteralTypeNode(type)) return [];
  return [ts.isStringLiteral(type.literal) ? type.literal.text : null];
}

/** @param {ReturnType<typeof declarationsOf>} statements @param {string} name */
function unionOf(statements, name) {
  const found = statements.find((one) => ts.isTypeAliasDeclaration(one) && one.name.text === name);
  return wordsOf(/** @type {ts.TypeAliasDeclaration} */ (found).type).sort();
}

/** The members of an interface: whether each may be absent, and whether it may be null. @param {string} name */
function membersOf(name) {
  const found = storedCommands.find((one) => ts.isInterfaceDeclaration(one) && one.name.text === name);
  const members = /** @type {ts.InterfaceDeclaration} */ (found).members.filter(ts.isPropertySignature);
  return Object.fromEntries(
    members.map((one) => [
      /** @type {ts.Identifier} */ (one.name).text,
      {
        optional: one.questionToken !== undefined,
        nullable: wordsOf(/** @type {ts.TypeNode} */ (one.type)).includes(null),
      },
    ]),
  );
}

/** The same of a schema. @param {any} schema */
function documentedOf({ properties, required }) {
  const isNullable = (/** @type {any} */ { type, enum: words, anyOf }) =>
    [type, words, (anyOf ?? []).map((/** @type {any} */ one) => one.type)]
      .flat()
      .some((one) => one === "null" || one === null);
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [
      name,
      { optional: !required.includes(name), nullable: isNullable(schema) },
    ]),
  );
}

test("an entry has the members of the description", () => {
  assert.deepEqual(membersOf("CommandEntry"), documentedOf(schemas.CommandEntry));
});

test("a command's problem has the members of the description", () => {
  const { stored, ...documented } = documentedOf(schemas.Problem);
  assert.ok(stored?.optional, "only a response has `stored`");
  assert.deepEqual(membersOf("CommandProblem"), documented);
});

test("commands, states and codes are the description's", () => {
  assert.deepEqual(unionOf(storedCommands, "CommandState"), [...schemas.CommandState.enum].sort());
  assert.deepEqual(unionOf(command, "WorkflowCommand"), [...schemas.Command.enum].sort());
  assert.deepEqual(unionOf(command, "WorkflowCommandErrorCode"), [...schemas.ErrorCode.enum].sort());
});
