import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Builds the program in bench/archive/goslug into a new temporary folder.
 * @returns its path; undefined, after saying so, when Go or the module is not to be had
 */
export function buildGoSlug(): string | undefined {
  const source = fileURLToPath(new URL("../../bench/archive/goslug", import.meta.url));
  const program = join(mkdtempSync(join(tmpdir(), "goslug-")), "goslug");
  try {
    execFileSync("go", ["build", "-o", program, "."], { cwd: source, stdio: ["ignore", "pipe", "pipe"] });
    return program;
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
    process.stderr.write(`SKIPPED: comparison with go-slug, which could not be built (${why})\n`);
    return undefined;
  }
}

/** Asks go-slug about paths under rules; one letter per path as goslug/main.go explains, or `!` for a crash. */
export function askGoSlug(program: string, questions: { rules: string; paths: string[] }[]): string[] {
  const input = questions.map((question) => JSON.stringify(question)).join("\n");
  const { stdout, status } = spawnSync(program, ["match"], { input, encoding: "utf8", maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error("goslug match failed");
  return stdout.trimEnd().split("\n");
}
