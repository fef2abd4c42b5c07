import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";

const repository = join(import.meta.dirname, "../..");

/** A packer: the command line that packs a directory into a file; the last line it prints may be JSON with `maxRss`. */
export type Program = { name: string; command: (directory: string, file: string) => [string, ...string[]] };

/** This action's packer as JavaScript, as in the bundle: stripping types at the start would cost time and 30 MB. */
export function buildOurs(folder: string): Program {
  for (const part of ["src", "src/archive", "bench/archive"]) {
    for (const name of readdirSync(join(repository, part)).filter((file) => file.endsWith(".ts"))) {
      const source = readFileSync(join(repository, part, name), "utf8");
      const target = join(folder, part, name.replace(/ts$/, "js"));
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, ts.transpileModule(source, { compilerOptions: OPTIONS }).outputText);
    }
  }
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
  const script = join(folder, "bench/archive/pack.js");
  return { name: "this action", command: (directory, file) => [process.execPath, script, directory, file] };
}

const OPTIONS = {
  module: ts.ModuleKind.ESNext,
  target: ts.ScriptTarget.ESNext,
  rewriteRelativeImportExtensions: true,
  verbatimModuleSyntax: true,
};

/** The others that are there; says of each that is not. */
export function findOthers(folder: string): Program[] {
  const goslug = join(folder, "goslug");
  const others = [
    {
      there: () =>
        execFileSync("go", ["build", "-o", goslug, "."], {
          cwd: join(import.meta.dirname, "goslug"),
          stdio: "pipe",
        }),
      program: {
        name: "go-slug",
        command: (directory: string, file: string) => [goslug, "pack", directory, file],
      },
    },
    { there: () => execFileSync("gzip", ["--version"]), program: tarAnd("gzip -6") },
    { there: () => execFileSync("pigz", ["--version"], { stdio: "pipe" }), program: tarAnd("pigz -6") },
  ] satisfies {
    there: () => unknown;
    program: { name: string; command: (directory: string, file: string) => string[] };
  }[];
  return others.flatMap(({ there, program }) => {
    try {
      there();
      return [program as Program];
    } catch {
      console.log(`SKIPPED: ${program.name} is not there`);
      return [];
    }
  });
}

function tarAnd(compressor: string): Program {
  const name = `tar c \\| ${compressor}`;
  return {
    name,
    command: (directory, file) => [
      "sh",
      "-c",
      `tar -C "$1" -c . | ${compressor} > "$2"`,
      "sh",
      directory,
      file,
    ],
  };
}

/** `wall`: milliseconds from its start to its end; `packing`: without the start of Node; `rss`: the most MiB it had. */
export type Result = { wall: number; packing: number; rss: number };

/** Runs a program once; NaN stands for what it does not tell. */
export function measure(program: Program, directory: string, file: string): Result {
  const [command, ...options] = program.command(directory, file);
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(command, options, { encoding: "utf8" });
  const wall = performance.now() - start;
  if (status !== 0) throw new Error(`${program.name}: ${stderr}`);
  const told = stdout.includes("maxRss") ? JSON.parse(stdout) : {};
  return { wall, packing: told.milliseconds ?? wall, rss: (told.maxRss ?? Number.NaN) / 2 ** 20 };
}
