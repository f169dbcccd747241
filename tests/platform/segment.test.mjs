// @ts-check
// An id becomes exactly one segment of the address, whatever it holds, and is read back as what it was.
//
// CAMPAIGN_SEED=… npm test -- --only platform draws the ids of that seed again.

import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { test } from "node:test";
import { segment } from "../../js/platform.js";

const IDS = 250_000;

/** What means something to a URL, and what is easily taken for something else. */
const TELLING = [..."-._~@/\\?#%:;=&+,!$'\"()*[]{}<>|^` aZ09", ..."%2F %2e %00 .. ./ // \\\\ \u00a0 é ß € \u2028 \ufeff \uffff 💥".split(" ")];

/** Numbers from 0 up to, but not, 1: SplitMix32. @param {number} seed */
function chanceOf(seed) {
  return () => {
    seed = (seed + 0x9e3779b9) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** Any Unicode character, each plane and UTF-8 length often enough. @param {() => number} chance */
function character(chance) {
  const below = (/** @type {number} */ end) => Math.floor(chance() * end);
  if (chance() < 0.6) return TELLING[below(TELLING.length)] ?? "";
  const end = [0x80, 0x800, 0xd800, 0x110000][below(4)] ?? 0;
  const code = below(end);
  return code >= 0xd800 && code <= 0xdfff ? "\ufffd" : String.fromCodePoint(code);
}

/** What the client refuses before it makes an address. @param {string} id */
function isRefused(id) {
  return /^$|^\.\.?$|[\x00-\x1f\x7f-\x9f]|^ | $/su.test(id);
}

test(`${IDS} ids stay one segment, and what they are`, () => {
  const seed = Number(process.env["CAMPAIGN_SEED"] ?? randomInt(2 ** 32));
  const chance = chanceOf(seed);
  for (let drawn = 0; drawn < IDS; ) {
    const id = Array.from({ length: 1 + Math.floor(chance() * 8) }, () => character(chance)).join("");
    if (isRefused(id)) continue;
    drawn += 1;
    const why = () => `${JSON.stringify(id)} becomes ${segment(id)}; CAMPAIGN_SEED=${seed}`;
    const encoded = segment(id);
    if (decodeURIComponent(encoded) !== id) assert.fail(`it is read back as another: ${why()}`);
    // RFC 3986, 2.3, and the @ that a PKey begins with.
    if (!/^(?:[A-Za-z0-9._~@-]|%[0-9A-F]{2})+$/.test(encoded)) assert.fail(`other characters than allowed: ${why()}`);
    const url = new URL(`https://campaign.example/base/${encoded}/commands`);
    if (url.pathname !== `/base/${encoded}/commands` || url.search + url.hash !== "") assert.fail(`it is another address: ${why()}`);
    if (url.pathname.split("/").length !== 4) assert.fail(`it is not one segment: ${why()}`);
  }
});

test("what a PKey is made of stays readable", () => {
  assert.equal(segment("@a1b2-C3_d4=="), "@a1b2-C3_d4%3D%3D");
  assert.equal(segment("WKF 42/é!'()*"), "WKF%2042%2F%C3%A9%21%27%28%29%2A");
});
