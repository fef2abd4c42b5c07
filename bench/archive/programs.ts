import { execFileSync, spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

const repository = join(import.meta.dirname, "../..");

/** A packer: the command line that packs a directory into a file; the last line it prints may be JSON with `maxRss`. */
export type Program = { name: string; command: (directory: string, file: string) => [string, ...string[]] };

/** This action's packer as it is in dist: bundled, since types and many files would cost time at the start. */
export function buildOurs(folder: string): Program {
  const ncc = createRequire(import.meta.url).resolve("@vercel/ncc/dist/ncc/cli.js");
  const out = join(folder, "ours");
  const options = ["--no-cache", "--minify", "--target", "es2024"];
  execFileSync(process.execPath, [ncc, "build", "bench/archive/pack.ts", "--out", out, ...options], {
    cwd: repository,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const script = join(out, "index.js");
  return { name: "this action", command: (directory, file) => [process.execPath, script, directory, file] };
}

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
