// @ts-check
// Builds a crate as an optimised module, and the glue that makes its instances.

import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TARGET, withoutFolders } from "./crates.mjs";
import { root, wasmBindgen } from "./paths.mjs";
import { run } from "./process.mjs";

const FEATURES = [
  "bulk-memory",
  "reference-types",
  "nontrapping-float-to-int",
  "sign-ext",
  "mutable-globals",
  "multivalue",
];

/** cargo's folder. */
export const cargoTarget = join(root, "target");

/**
 * @typedef {object} Module
 * @property {string} crate
 * @property {readonly string[]} features
 * @property {string} name  of the result: `<name>.wasm` and `<name>.js`
 * @property {readonly string[]} exported  the parts of the glue that are used
 * @property {boolean} [isInlined]  default true: it is also written as hexadecimal text
 * @property {boolean} [hasSizeLimit]  it is optimized again until it gets no smaller, which doubles the time
 * @property {boolean} [isForTests]  not made small
 */

/**
 * Compiles a module with cargo. cargo gives all modules of a crate one file name, so the result is copied.
 * @param {Module} module @param {import("./terminal.mjs").Task} task
 * @returns {Promise<string>} the folder with `compiled.wasm`, for `finishModule`
 */
export async function compileModule({ crate, features, name }, task) {
  const flags = [...(await withoutFolders()), "-Clink-arg=-zstack-size=65536"];
  const args = ["rustc", "--release", "--locked", "--target", TARGET, "--target-dir", cargoTarget, "--package", crate];
  // As a cdylib alone: cargo omits link-time optimisation if an rlib is requested, too.
  const what = ["--features", features.join(","), "--lib", "--crate-type", "cdylib"];
  await run("cargo", [...args, ...what], {
    env: { CARGO_ENCODED_RUSTFLAGS: flags.join("\x1f"), RUSTFLAGS: undefined },
    onLine: task.status,
  });
  const work = join(cargoTarget, "bindgen", name);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const built = join(cargoTarget, TARGET, "release", `${crate.replaceAll("-", "_")}.wasm`);
  copyFileSync(built, join(work, "compiled.wasm"));
  return work;
}

/**
 * Makes an optimised module of a compiled one, and its glue.
 * @param {Module} module @param {string} work from `compileModule` @param {string} out @param {import("./terminal.mjs").Task} task
 * @returns {Promise<Uint8Array>} the module's bytes
 */
export async function finishModule({ name, exported, hasSizeLimit = false, isForTests = false }, work, out, task) {
  task.status("wasm-bindgen");
  await run(wasmBindgen, [
    join(work, "compiled.wasm"),
    "--target",
    "web",
    "--out-dir",
    work,
    "--out-name",
    name,
    "--omit-default-module-path",
    "--no-typescript",
    "--remove-name-section",
    "--remove-producers-section",
  ]);

  task.status("wasm-opt");
  const wasm = join(out, `${name}.wasm`);
  const optimizer = join(root, "node_modules", "binaryen", "bin", "wasm-opt");
  const enabled = FEATURES.map((feature) => `--enable-${feature}`);
  const optimized = join(work, "optimized.wasm");
  const passes = isForTests
    ? ["-O0"]
    : ["-Oz", ...(hasSizeLimit ? ["--converge"] : []), "--one-caller-inline-max-function-size", "50"];
  await run(process.execPath, [optimizer, join(work, `${name}_bg.wasm`), "-o", optimized, ...passes, ...enabled]);
  const names = await run(process.execPath, [
    optimizer,
    optimized,
    "-o",
    wasm,
    "--strip-producers",
    "--strip-target-features",
    "--minify-imports-and-exports-and-modules",
    ...enabled,
  ]);

  const glue = readFileSync(join(work, `${name}.js`), "utf8");
  writeFileSync(join(out, `${name}.js`), await factory(glue, exported, `./${name}_bg.js`, JSON.parse(names)));
  return readFileSync(wasm);
}

/** The glue's imports from hand-written JavaScript: the names, and the file. */
const IMPORTED = /^import \{ ([\w, ]+) \} from '[^']*\/js\/(\w+)\.js'/gm;

/** Exports that the runtime calls: the closures of timers, promises and listeners, and finalizers. */
const CALLBACK = /^(__wasm_bindgen_func_elem|wasm_bindgen__convert__closures|__wbg_\w+_free$)/;

/** Exports that the glue calls during another export, or to pass arguments to it. */
const HELPER = /^__(wbindgen|externref)/;

/**
 * wasm-bindgen's glue holds one instance. Bundled into a function, it makes an instance at each call, of a module of any realm, so that the
 * loader can start again after a trap. esbuild gives the imports and exports the short names of wasm-opt: the long ones contain hashes,
 * which don't compress.
 *
 * @param {string} glue @param {readonly string[]} exported @param {string} importModule
 * @param {{ imports: [string, string, string][], exports: [string, string][] }} names  by wasm-opt
 */
async function factory(glue, exported, importModule, names) {
  const { build } = await import("esbuild");
  const short = Object.fromEntries([
    [importModule, names.imports[0]?.[0] === importModule ? "a" : importModule],
    ...names.imports.map(([, long, name]) => [long, name]),
    ...names.exports,
  ]);
  const imported = new Map([...glue.matchAll(IMPORTED)].map(([, names, file]) => [file, names]));
  const imports = [...imported.keys()].map((file) => `import * as ${file} from "./${file}.js";`).join("\n");
  const shortNamesOf = (/** @type {RegExp} */ which) =>
    names.exports.filter(([long]) => which.test(long)).map(([, name]) => name);
  const kinds = JSON.stringify({ callbacks: shortNamesOf(CALLBACK), helpers: shortNamesOf(HELPER) });
  const escaped = Object.keys(short).map((long) => long.replace(/\W/g, "\\$&"));
  const entry = `import { instantiate, ${exported.join(", ")} } from "glue"; instantiate(compiled, guard); core = [${exported.join(", ")}];`;
  const instantiate = `export const instantiate = (module, guard) => {
    const { exports } = new WebAssembly.Instance(module, __wbg_get_imports());
    __wbg_finalize_init({ exports: guard(exports, ${kinds}) });
  };`;
  const { outputFiles } = await build({
    // Only the used parts: without the glue's own ways to start.
    stdin: { contents: entry },
    bundle: true,
    format: "iife",
    minify: true,
    write: false,
    target: "es2022",
    mangleProps: new RegExp(`^(?:${escaped.join("|")})$`),
    mangleQuoted: true,
    mangleCache: short,
    banner: {
      js: `// Generated from the Rust code.\n${imports}\nexport function createCore(compiled, guard = (exports) => exports) {\nlet core;`,
    },
    // Outside of the bundle, these names stay.
    footer: { js: `const [${exported.join(", ")}] = core;\nreturn { ${exported.join(", ")} };\n}` },
    plugins: [
      {
        name: "the glue, and what it imports",
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^glue$/ }, ({ path }) => ({ path, namespace: "glue" }));
          onLoad({ filter: /^/, namespace: "glue" }, () => ({ contents: `${glue}\n${instantiate}` }));
          // Imported once for all instances.
          onResolve({ filter: /\/js\/\w+\.js$/ }, ({ path }) => ({
            path: /(\w+)\.js$/.exec(path)?.[1] ?? path,
            namespace: "imported",
          }));
          onLoad({ filter: /^/, namespace: "imported" }, ({ path }) => ({
            contents: `export const { ${imported.get(path)} } = ${path};`,
          }));
        },
      },
    ],
  });
  return outputFiles[0]?.text ?? "";
}
