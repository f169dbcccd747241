// @ts-check
// The documents name files and tests that exist, so a renamed file can't leave a wrong name behind.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, test } from "node:test";
import { root } from "../../scripts/lib/paths.mjs";

const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
})
  .trim()
  .split("\n");

/** Files that the commands of the documents write, and files of a reader's own project. */
const notTracked = /^(dist|target|fuzz\/corpus|campaign-workflow)(\/|$)|^(worker\.m?js|Next\.js)$/;
const fileName = /(?<![\w/.:@-])[\w*.-]+(?:\/[\w*.-]+)*\.(?:rs|m?js|d\.ts|ts|md|json|jsonc|toml|txt|yml)\b/g;
const folderName =
  /`((?:src|gateway|emulator|js|cloudflare|www|examples|tests|bench|fuzz|scripts|tools|docs|openapi)\/[\w./-]*)`/g;

/** @param {string} name may end a path, and may have a `*` */
function isTracked(name) {
  const pattern = name.replaceAll(".", "\\.").replaceAll("*", "[^/]*");
  const matches = new RegExp(`(^|/)${pattern}(/|\\.|$)`);
  return tracked.some((path) => matches.test(path));
}

for (const document of tracked.filter(
  (path) => /^(?!bench\/RESULTS)[\w/-]+\.md$/.test(path) && !/CHANGELOG/.test(path),
)) {
  describe(document, () => {
    const text = readFileSync(join(root, document), "utf8").replaceAll(/https?:\/\/[^\s)"`]*/g, "");

    test("its files exist", () => {
      const files = [...text.matchAll(fileName)].map(([name]) => name);
      const folders = [...text.matchAll(folderName)].map(([, name = ""]) => name.replace(/\/$/, ""));
      const missing = [...files, ...folders].filter(
        (name) => !notTracked.test(name) && !isTracked(name.replace(/^(\.\.?\/)+/, "")),
      );
      assert.deepEqual([...new Set(missing)], []);
    });

    test("its links lead to files", () => {
      const links = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, link = ""]) => link);
      const missing = links.filter((link) => {
        const path = normalize(join(dirname(document), link)).replace(/\/$/, "");
        return !tracked.some((file) => file === path || file.startsWith(`${path}/`));
      });
      assert.deepEqual(missing, []);
    });
  });
}

test("docs/TESTING.md names tests and promises that exist", () => {
  const table = readFileSync(join(root, "docs/TESTING.md"), "utf8").match(/^\| Rule .*?\n\n/ms)?.[0] ?? assert.fail();
  const sources = tracked
    .filter((path) => /^(tests|gateway)\/.*\.(rs|mjs)$/.test(path))
    .map((path) => readFileSync(join(root, path), "utf8"))
    .join("\n");
  const quoted = table
    .split("\n")
    .flatMap((row) => [...(row.split(" | ")[1] ?? "").matchAll(/"([^"]+)"/g)].map(([, name = ""]) => name));
  assert.ok(quoted.length > 15);
  assert.deepEqual(
    quoted.filter((name) => !sources.includes(name)),
    [],
  );
});
