// @ts-check
// The sentences of the page: complete in every language, all used, and one for everything that can be tried or can happen.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { it } from "node:test";
import en from "../../www/i18n/en.js";
import nl from "../../www/i18n/nl.js";
import { groups } from "../../www/failure-cases.js";

const www = new URL("../../www/", import.meta.url);
const types = readFileSync(new URL("../../js/index.d.ts", import.meta.url), "utf8");

it("both languages have the same sentences, in the same order, with the same gaps to fill", () => {
  assert.deepEqual(Object.keys(nl), Object.keys(en));
  const gaps = (/** @type {string} */ sentence) => (sentence.match(/\{\w+\}/g) ?? []).sort();
  for (const [key, sentence] of Object.entries(en)) {
    const dutch = nl[/** @type {keyof typeof en} */ (key)];
    assert.ok(sentence.trim() && dutch.trim(), key);
    assert.deepEqual(gaps(dutch), gaps(sentence), key);
  }
});

it("what is the same in both languages is meant to be", () => {
  const same = Object.entries(en).filter(([key, sentence]) => nl[/** @type {keyof typeof en} */ (key)] === sentence);
  const meant = [
    "flow.campaign",
    "flow.client",
    "flow.gateway",
    "workflows.title",
    "workflows.announce.state",
    "timeline.call",
    "workflows.workflow",
    "signal.parameters",
  ];
  assert.deepEqual(same.map(([key]) => key).sort(), meant.sort());
});

it("every trial has a title and an explanation, and no other sentence is about a trial", () => {
  const wanted = groups.flatMap(({ trials }) => trials.flatMap(({ id }) => [`case.${id}.title`, `case.${id}.about`]));
  assert.deepEqual(
    Object.keys(en)
      .filter((key) => key.startsWith("case."))
      .sort(),
    wanted.sort(),
  );
  for (const { id } of groups) assert.ok(`failures.group.${id}` in en, id);
});

it("every code of the client has its advice", () => {
  const union = /type WorkflowCommandErrorCode =([^;]+);/.exec(types)?.[1] ?? "";
  const codes = [...union.matchAll(/"([a-z-]+)"/g)].map(([, code]) => code);
  assert.equal(codes.length, 16);
  // Where nothing is certain the advice is the same for all; two codes never come from a command, or never with certainty.
  const general = ["internal", "invalid-trigger", "network"];
  for (const code of codes.filter((name) => !general.includes(name ?? ""))) {
    assert.ok(`next.${code}` in en || `next.${code}.not-executed` in en, code);
  }
  assert.ok("next.unknown" in en && "next.not-executed" in en && "next.accepted" in en);
});

it("every sentence is used", () => {
  const sources = readdirSync(www, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(js|html)$/.test(name) && !name.startsWith("i18n"))
    .map((name) => readFileSync(new URL(name, www), "utf8"))
    .join("\n");
  // Keys that are put together: their beginning stands in a template.
  const made = [...sources.matchAll(/[`"]([a-z.-]+\.)\$\{/g)].map(([, start]) => start ?? "");
  const counted = (/** @type {string} */ key) => key.replace(/\.(one|other)$/, "");
  const unused = Object.keys(en).filter((key) => {
    const literal = [key, counted(key)].some((name) => sources.includes(`"${name}"`));
    return !literal && !made.some((start) => key.startsWith(start));
  });
  assert.deepEqual(unused, []);
});
