// @ts-check
// One crate becomes one optimised module and the glue that instances of it are made with.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TARGET, withoutFolders } from "./crates.mjs";
import { root, wasmBindgen } from "./paths.mjs";
import { run } from "./process.mjs";

const FEATURES = ["bulk-memory", "reference-types", "nontrapping-float-to-int", "sign-ext", "mutable-globals", "multivalue"];

/** cargo's folder, unless a module has one of its own. */
export const cargoTarget = join(root, "target");

/**
 * @typedef {object} Module
 * @property {string} crate
 * @property {readonly string[]} features
 * @property {string} name  of what comes out: `<name>.wasm` and `<name>.js`
 * @property {readonly string[]} exported  what of the glue is used
 * @property {string} [target]  cargo's folder, for a build with other features: they would overwrite each other in one
 */

/**
 * @param {Module} module @param {string} out @param {import("./terminal.mjs").Task} task
 * @returns {Promise<Uint8Array>} the module's bytes
 */
export async function buildModule({ crate, features, name, exported, target = cargoTarget }, out, task) {
  const flags = [...(await withoutFolders()), "-Clink-arg=-zstack-size=65536"];
  await run(
    "cargo",
    // As a cdylib alone: cargo leaves link-time optimisation out where an rlib is asked for beside it.
    ["rustc", "--release", "--locked", "--target", TARGET, "--target-dir", target, "--package", crate, "--features", features.join(","), "--lib", "--crate-type", "cdylib"],
    { env: { CARGO_ENCODED_RUSTFLAGS: flags.join("\x1f"), RUSTFLAGS: undefined }, onLine: task.status },
  );

  const work = join(target, "bindgen", name);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  task.status("wasm-bindgen");
  const built = join(target, TARGET, "release", `${crate.replaceAll("-", "_")}.wasm`);
  await run(wasmBindgen, [
    built, "--target", "web", "--out-dir", work, "--out-name", name,
    "--omit-default-module-path", "--no-typescript", "--remove-name-section", "--remove-producers-section",
  ]);

  task.status("wasm-opt");
  const wasm = join(out, `${name}.wasm`);
  const optimizer = join(root, "node_modules", "binaryen", "bin", "wasm-opt");
  const enabled = FEATURES.map((feature) => `--enable-${feature}`);
  const small = join(work, "small.wasm");
  await run(process.execPath, [optimizer, join(work, `${name}_bg.wasm`), "-o", small, "-Oz", "--converge", ...enabled]);
  const names = await run(process.execPath, [
    optimizer, small, "-o", wasm, "--strip-producers", "--strip-target-features",
    "--minify-imports-and-exports-and-modules", ...enabled,
  ]);

  const glue = shortNames(readFileSync(join(work, `${name}.js`), "utf8"), `./${name}_bg.js`, JSON.parse(names));
  writeFileSync(join(out, `${name}.js`), await factory(glue, exported));
  return readFileSync(wasm);
}

/**
 * Gives the glue the short names that wasm-opt gave the module's imports and exports: the long ones
 * hold hashes, which no compression makes small.
 *
 * @param {string} glue @param {string} module
 * @param {{ imports: [string, string, string][], exports: [string, string][] }} names
 */
function shortNames(glue, module, names) {
  const imports = new Map(names.imports.map(([, long, short]) => [long, short]));
  const exports = new Map(names.exports);
  // Functions that the module imports from beside the glue as they are; wasm-opt made one module of all of them.
  const direct = names.imports.filter(([from]) => from !== module);
  return glue
    .replace(/^import \* as import\d+ from .*\n/gm, "")
    .replace(/^ +"\.\/snippets\/.*: import\d+,\n/gm, "")
    .replace(/^/, direct.map(([from, name]) => `import { ${name} } from "${from}";\n`).join(""))
    .replace(/const import0 = \{/, (begin) => [begin, ...direct.map(([, name, short]) => `${short}: ${name},`)].join("\n"))
    .replace(/^( +)(__wb\w+): function/gm, (_, indent, long) => `${indent}${imports.get(long) ?? long}: function`)
    .replace(/\bwasm\.(\w+)/g, (_, long) => `wasm.${exports.get(long) ?? long}`)
    .replaceAll(JSON.stringify(module), '"a"');
}

/**
 * wasm-bindgen's glue holds one instance, and looks what it was given one to make of. Wrapped in a
 * function it makes one of each module, of whatever realm, so that the loader can begin afresh
 * after a trap while the old instance's calls go on.
 *
 * @param {string} glue @param {readonly string[]} exported
 */
async function factory(glue, exported) {
  const { build } = await import("esbuild");
  // What the glue imports is imported once for all instances.
  const imported = /^import (.*) from ["'].*\/(.*)["'];?\n/gm;
  const imports = [...glue.matchAll(imported)].map(([, names, file]) => `import ${names} from "./${file}";`);
  // V8 in Node 20 inlines an export that returns a reference, and ends the process where the code around it is given up
  // while the export runs. What stands behind a proxy is not inlined.
  const returning = [...glue.matchAll(/^ +const ret = wasm\.(\w+)\(/gm)].map(([, name]) => `${name}: new Proxy(wasm.${name}, {})`);
  const begin = `export const begin = (module) => {
    __wbg_finalize_init(new WebAssembly.Instance(module, __wbg_get_imports()));
    wasm = { ...wasm, ${returning.join(", ")} };
  };`;
  const { outputFiles } = await build({
    // Only what is used: the glue's own ways to start itself go.
    stdin: { contents: `import { begin, ${exported.join(", ")} } from "glue"; begin(compiled); result = { ${exported.join(", ")} };` },
    bundle: true,
    format: "esm",
    minify: true,
    write: false,
    target: "es2022",
    plugins: [
      {
        name: "the glue without its imports",
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^glue$/ }, ({ path }) => ({ path, namespace: "glue" }));
          onLoad({ filter: /^/, namespace: "glue" }, () => ({ contents: `${glue.replace(imported, "")}\n${begin}` }));
        },
      },
    ],
  });
  const body = outputFiles[0]?.text.trim() ?? "";
  return ["// Generated from the Rust code.", ...imports, "export function createCore(compiled) {", "let result;", body, "return result;", "}", ""].join("\n");
}
