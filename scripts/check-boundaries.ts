// Checks what keeps the house in order: which folder may import which, and that one module alone imports each
// external package. Biome checks the rest (cycles, sizes, consoles, floating promises).
import { readFileSync } from "node:fs";
import { glob } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";

/** External package → the modules that may import it. */
const OWNERS: Record<string, string[]> = {
  undici: ["src/api/http.ts"],
  // One writes what this action packs, the other reads what others packed.
  tar: ["src/archive/tar-entries.ts", "src/archive/tar-reader.ts"],
  ignore: ["src/archive/selection.ts"],
  re2js: ["src/archive/regexp.ts", "src/config/language/functions/regexp.ts"],
  "web-tree-sitter": ["src/config/hcl.ts"],
  "@actions/exec": ["src/cli/exec.ts"],
  "@actions/github": ["src/github/client.ts"],
  "@actions/core": [
    "src/inputs.ts",
    "src/outputs.ts",
    "src/state.ts",
    "src/job-log.ts",
    "src/job-summary.ts",
  ],
};
/** Stage → other stages it may import; with `types` only `import type`. */
const STAGES: Record<string, { values?: string[]; types?: string[] }> = {
  config: {},
  archive: {},
  api: {},
  run: { values: ["api"] },
  plan: {},
  report: { types: ["plan"] },
  gate: { types: ["plan"] },
  github: {},
  git: { values: ["cli"] },
  cli: {},
};
/** Modules at the top of src that every stage may import. */
const SHARED = ["src/failure.ts", "src/json.ts", "src/foreign-text.ts"];

type Import = { type: boolean; specifier: string };

function importsOf(source: string): Import[] {
  const pattern =
    /^\s*(?:import|export)\s+(type\s)?[^;]*?from\s+"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)|^import\s+"([^"]+)"/gm;
  return [...source.matchAll(pattern)].map((match) => ({
    type: match[1] !== undefined,
    specifier: match[2] ?? match[3] ?? match[4] ?? "",
  }));
}

function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? "");
}

function faultOf(file: string, { type, specifier }: Import): string | undefined {
  if (specifier.startsWith("node:")) return undefined;
  if (!specifier.startsWith(".")) {
    const owners = OWNERS[packageOf(specifier)];
    if (type || owners?.includes(file)) return undefined;
    return `only ${owners?.join(", ") ?? "nobody yet: name its owner in scripts/check-boundaries.ts"} may import ${specifier}`;
  }
  return stageFault(file, normalize(join(dirname(file), specifier)).replaceAll("\\", "/"), type);
}

function stageFault(file: string, target: string, type: boolean): string | undefined {
  const from = file.split("/")[1] ?? "";
  const to = target.split("/")[1] ?? "";
  const rule = STAGES[from];
  if (rule === undefined || from === to || SHARED.includes(target)) return undefined;
  if (rule.values?.includes(to) || (type && rule.types?.includes(to))) return undefined;
  return `the stage ${from} may not import ${target}`;
}

const faults: string[] = [];
for await (const path of glob("src/**/*.ts")) {
  const file = path.replaceAll("\\", "/");
  for (const found of importsOf(readFileSync(file, "utf8"))) {
    const fault = faultOf(file, found);
    if (fault !== undefined) faults.push(`${file}: ${fault}`);
  }
}
for (const fault of faults) console.error(fault);
console.log(faults.length === 0 ? "boundaries: kept" : `boundaries: ${faults.length} crossed`);
process.exitCode = faults.length === 0 ? 0 : 1;
