// @ts-check
// The page's texts: complete in every language, all used, and one for each failure case and error code.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { it } from "node:test";
import en from "../../www/i18n/en.js";
import nl from "../../www/i18n/nl.js";
import { groups } from "../../www/failure-cases.js";

const www = new URL("../../www/", import.meta.url);
const types = readFileSync(new URL("../../js/index.d.ts", import.meta.url), "utf8");

it("both languages have the same texts, in the same order, with the same placeholders", () => {
  assert.deepEqual(Object.keys(nl), Object.keys(en));
  const placeholders = (/** @type {string} */ sentence) => (sentence.match(/\{\w+\}/g) ?? []).sort();
  for (const [key, sentence] of Object.entries(en)) {
    const dutch = nl[/** @type {keyof typeof en} */ (key)];
    assert.ok(sentence.trim() && dutch.trim(), key);
    assert.deepEqual(placeholders(dutch), placeholders(sentence), key);
  }
});

it("only the expected texts are the same in both languages", () => {
  const same = Object.entries(en).filter(([key, sentence]) => nl[/** @type {keyof typeof en} */ (key)] === sentence);
  const expected = [
    "page.demo",
    "flow.campaign",
    "flow.client",
    "flow.gateway",
    "workflows.title",
    "workflows.announce.state",
    "timeline.call",
    "workflows.workflow",
    "signal.parameters",
  ];
  assert.deepEqual(same.map(([key]) => key).sort(), expected.sort());
});

it("each failure case has a title and a description, and there are no others", () => {
  const expected = groups.flatMap(({ cases }) => cases.flatMap(({ id }) => [`case.${id}.title`, `case.${id}.about`]));
  assert.deepEqual(
    Object.keys(en)
      .filter((key) => key.startsWith("case."))
      .sort(),
    expected.sort(),
  );
  for (const { id } of groups) assert.ok(`failures.group.${id}` in en, id);
});

it("each error code of the client has a next step", () => {
  const union = /type WorkflowCommandErrorCode =([^;]+);/.exec(types)?.[1] ?? "";
  const codes = [...union.matchAll(/"([a-z-]+)"/g)].map(([, code]) => code);
  assert.equal(codes.length, 16);
  // With an unknown outcome the next step is the same for all codes. These codes never come with a certain outcome, or only from signals.
  const general = ["internal", "invalid-trigger", "network"];
  for (const code of codes.filter((name) => !general.includes(name ?? ""))) {
    assert.ok(`next.${code}` in en || `next.${code}.not-executed` in en, code);
  }
  assert.ok("next.unknown" in en && "next.not-executed" in en && "next.accepted" in en);
});

it("every text is used", () => {
  const sources = readdirSync(www, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(js|html)$/.test(name) && !name.startsWith("i18n"))
    .map((name) => readFileSync(new URL(name, www), "utf8"))
    .join("\n");
  // Composed keys: their beginning is in a template literal.
  const prefixes = [...sources.matchAll(/[`"]([a-z.-]+\.)\$\{/g)].map(([, start]) => start ?? "");
  const counted = (/** @type {string} */ key) => key.replace(/\.(one|other)$/, "");
  const unused = Object.keys(en).filter((key) => {
    const literal = [key, counted(key)].some((name) => sources.includes(`"${name}"`));
    return !literal && !prefixes.some((start) => key.startsWith(start));
  });
  assert.deepEqual(unused, []);
});
