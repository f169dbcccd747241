// @ts-check
// The examples of README.md are files, so that they are type-checked and run. Each stands in the README below a comment that names its
// file, and its region where the file has several: `<!-- examples/readme/workflow-client.mjs#read -->`. `npm run docs` copies them.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./paths.mjs";
import { Failure } from "./process.mjs";

export const readme = join(root, "README.md");

const example = /(^<!-- (examples\/readme\/[\w-]+\.mjs)(?:#([\w-]+))? -->\n)```js\n.*?^```$/gms;

/** @param {string} text of the README @returns {string} the same with the examples as they are in their files */
export const withExamples = (text) =>
  text.replace(example, (_, comment, file, region = "") => `${comment}\`\`\`js\n${regionOf(file, region)}\`\`\``);

/** @param {string} text of the README @returns {string[]} the files that it embeds, and their regions */
export const examplesIn = (text) =>
  [...text.matchAll(example)].map(([, , file, region]) => (region ? `${file}#${region}` : `${file}`));

/** @param {string} file @param {string} region empty for the only one */
function regionOf(file, region) {
  const text = readFileSync(join(root, file), "utf8");
  const marks = new RegExp(`^// #region${region && ` ${region}`}\\n(.*?)^// #endregion$`, "ms");
  const found = marks.exec(text)?.[1];
  if (found === undefined) throw new Failure(`${file} has no region "${region}".`);
  return found;
}
