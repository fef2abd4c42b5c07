import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { brotliCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { moduleWith } from "./module.ts";

const require = createRequire(import.meta.url);
const run = promisify(execFile);
const SOURCE = require.resolve("../../src/config/target.ts");
const WASM = {
  "web-tree-sitter.wasm": require.resolve("web-tree-sitter/web-tree-sitter.wasm"),
  "tree-sitter-hcl.wasm": require.resolve("@tree-sitter-grammars/tree-sitter-hcl/tree-sitter-hcl.wasm"),
};

describe("in a bundle, away from node_modules, with the two wasm files beside it", () => {
  const request = { hostname: "", workspace: "prod", token: "t" };

  /** Builds the stage with ncc as the action is built, and runs it in a process of its own. */
  async function resolveInBundle(files: readonly (keyof typeof WASM)[]): Promise<string> {
    const module = await moduleWith({
      "main.tf":
        'terraform {\n  backend "remote" {\n    hostname = "app.example.com"\n    organization = "acme"\n    workspaces { prefix = "net-" }\n  }\n}\n',
    });
    const out = join(module.workspaceRoot, "dist");
    await mkdir(out);
    const options = ["--transpile-only", "--minify", "--no-cache", "--quiet", "--out", out];
    await run(process.execPath, [
      require.resolve("@vercel/ncc/dist/ncc/cli.js"),
      "build",
      SOURCE,
      ...options,
    ]);
    for (const name of files)
      await writeFile(join(out, `${name}.br`), brotliCompressSync(readFileSync(WASM[name])));
    const bundle = JSON.stringify(pathToFileURL(join(out, "index.js")).href);
    const call = `resolveTarget(${JSON.stringify({ ...module, ...request })}, {})`;
    const script = `const { resolveTarget } = await import(${bundle}); console.log(await ${call}.then((t) => t.workspace, (e) => e.message), process.type);`;
    await writeFile(join(out, "run.mjs"), script);
    return (await run(process.execPath, [join(out, "run.mjs")])).stdout.trim();
  }

  test("a backend block is read", async () => {
    expect(await resolveInBundle(["web-tree-sitter.wasm", "tree-sitter-hcl.wasm"])).toBe(
      "net-prod undefined",
    );
  });

  test("without them it says what is missing", async () => {
    expect(await resolveInBundle(["web-tree-sitter.wasm"])).toContain("tree-sitter-hcl.wasm is missing");
  });
});
