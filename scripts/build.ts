// Bundles the two entries into dist/. With --check: builds into a temporary folder instead and fails when dist/ is not
// what the sources build, file by file, extra and missing files included.
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { minify } from "terser";

const require = createRequire(import.meta.url);
/** Read at run time beside the bundle, compressed, see src/config/hcl.ts. */
const WASM = {
  "web-tree-sitter.wasm": require.resolve("web-tree-sitter/web-tree-sitter.wasm"),
  "tree-sitter-hcl.wasm": require.resolve("@tree-sitter-grammars/tree-sitter-hcl/tree-sitter-hcl.wasm"),
};

/** What installed files say while the bundles are made. */
const INSTEAD: Record<string, (original: string) => string> = {
  // Its modules only act when they are called. So ncc leaves out what is not used, here the OIDC client and with it the
  // whole of undici: 0.4 MB and 50 ms of every start.
  "node_modules/@actions/core/package.json": (original) =>
    JSON.stringify({ ...JSON.parse(original), sideEffects: false }),
  // The second copy of its parser, for processors without SIMD (on x64 those before 2008): 65 KB.
  "node_modules/undici/lib/llhttp/llhttp-wasm.js": () =>
    'module.exports = require("./llhttp_simd-wasm.js");\n',
};

/** Runs `work` while installed files are others. */
async function withFilesReplaced(work: () => Promise<void>): Promise<void> {
  const originals = Object.keys(INSTEAD).map((file) => [file, readFileSync(file, "utf8")] as const);
  for (const [file, original] of originals) writeFileSync(file, INSTEAD[file]?.(original) ?? original);
  try {
    await work();
  } finally {
    for (const [file, original] of originals) writeFileSync(file, original);
  }
}

async function build(folder: string): Promise<void> {
  const ncc = require.resolve("@vercel/ncc/dist/ncc/cli.js");
  for (const entry of ["main", "post"]) {
    const out = join(folder, entry);
    rmSync(out, { recursive: true, force: true });
    const options = ["--no-cache", "--target", "es2024", "--license", "licenses.txt"];
    execFileSync(process.execPath, [ncc, "build", `src/${entry}.ts`, "--out", out, ...options], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    await compact(out);
  }
  for (const [name, file] of Object.entries(WASM)) {
    writeFileSync(join(folder, "main", `${name}.br`), brotliCompressSync(readFileSync(file)));
  }
  appendFileSync(join(folder, "main", "licenses.txt"), grammarLicense());
}

/** The grammar is copied, not imported, so ncc does not see it. */
function grammarLicense(): string {
  const name = "@tree-sitter-grammars/tree-sitter-hcl";
  const license = readFileSync(join("node_modules", name, "LICENSE"), "utf8");
  return `\n\n${name}\nApache-2.0\n${license}`;
}

/** ncc's own --minify leaves the chunks of dynamic imports as they are; its copy of the grammar's engine is not used. */
async function compact(folder: string): Promise<void> {
  for (const name of filesOf(folder)) {
    const file = join(folder, name);
    if (/^[0-9a-f]{20}\.wasm$/.test(name)) rmSync(file);
    if (!name.endsWith(".js")) continue;
    const { code } = await minify(readFileSync(file, "utf8"), { module: true, ecma: 2020 });
    if (code === undefined) throw new Error(`${file} cannot be minified`);
    writeFileSync(file, `${code}\n`);
  }
}

function filesOf(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((e) => e.isFile()).map((e) => relative(folder, join(e.parentPath, e.name)));
}

function differences(built: string, committed: string): string[] {
  const names = new Set([...filesOf(built), ...filesOf(committed)]);
  return [...names].sort().filter((name) => {
    const [a, b] = [join(built, name), join(committed, name)];
    return !existsSync(a) || !existsSync(b) || !readFileSync(a).equals(readFileSync(b));
  });
}

const folder = mkdtempSync(join(tmpdir(), "dist-"));
try {
  await withFilesReplaced(() => build(folder));
  if (process.argv.includes("--check")) check(folder);
  else replaceDist(folder);
} finally {
  rmSync(folder, { recursive: true });
}

function check(built: string): void {
  const changed = differences(built, "dist");
  for (const name of changed) console.error(`dist/${name} is not what the sources build: npm run build`);
  if (changed.length > 0) process.exitCode = 1;
  else console.log("dist: up to date");
}

/** Only a build that succeeded takes the place of the old one. */
function replaceDist(built: string): void {
  rmSync("dist", { recursive: true, force: true });
  cpSync(built, "dist", { recursive: true });
  const bytes = filesOf("dist").reduce((sum, name) => sum + readFileSync(join("dist", name)).length, 0);
  console.log(`dist: ${(bytes / 1e6).toFixed(2)} MB in ${filesOf("dist").length} files`);
}
