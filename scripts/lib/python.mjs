// @ts-check
// schemathesis, a fuzzer that reads an OpenAPI description, in a Python environment of this project.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { attempt, Failure, run } from "./process.mjs";
import { isFile, root } from "./paths.mjs";
import { hashOf, isStamped, stamp } from "./stamp.mjs";

const requirements = join("tests", "worker", "openapi", "requirements.txt");
const home = join(root, "target", "schemathesis");
const mark = join(home, "stamp");
/** A virtual environment, or a plain folder of packages if Python has no venv module. */
const venv = join(home, "venv");
const packages = join(home, "packages");

/** The command that runs schemathesis. @returns {{ command: string, args: string[], env: Record<string, string> }} */
export function schemathesis() {
  const own = pythonOf(venv);
  const args = ["-m", "schemathesis.cli"];
  return isFile(own) ? { command: own, args, env: {} } : { command: python, args, env: { PYTHONPATH: packages } };
}

const python = process.platform === "win32" ? "python" : "python3";

/** @param {string} folder */
const pythonOf = (folder) =>
  process.platform === "win32" ? join(folder, "Scripts", "python.exe") : join(folder, "bin", "python");

/** Installs schemathesis. @param {import("./terminal.mjs").Task} task */
export async function setUpSchemathesis(task) {
  const version = await attempt(python, ["-c", "import sys; print(sys.version); sys.exit(sys.version_info < (3, 11))"]);
  if (version.code !== 0)
    throw new Failure("This needs Python 3.11 or newer as python3: https://www.python.org/downloads", version.output);
  const hash = hashOf([requirements, "scripts/lib/python.mjs"], [version.stdout]);
  if (isStamped(mark, hash)) return;
  rmSync(home, { recursive: true, force: true });
  const hasVenv = (await attempt(python, ["-m", "venv", venv])).code === 0;
  if (!hasVenv) rmSync(venv, { recursive: true, force: true });
  task.doing("pip install schemathesis");
  const [command, where] = hasVenv ? [pythonOf(venv), []] : [python, ["--target", packages]];
  const args = [
    "-m",
    "pip",
    "install",
    "--disable-pip-version-check",
    "--no-deps",
    "--only-binary",
    ":all:",
    ...where,
    "-r",
    requirements,
  ];
  await run(command, args, {
    onLine: task.status,
    remedy: "Is there a network connection, and pip beside Python (python3-venv or python3-pip)? Its output is above.",
  });
  const { command: program, args: ask, env } = schemathesis();
  const found = await run(program, [...ask, "--version"], { env });
  stamp(mark, hash);
  task.note(found.trim());
}
