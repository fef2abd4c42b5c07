import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../failure.ts";
import { plainText } from "../../foreign-text.ts";

/** Runs a program, its output in memory. Rejects where it cannot be started, and with why the step has to end. */
export type RunProgram = (
  program: string,
  args: string[],
) => Promise<{ exitCode: number; stdout: string; stderr: string }>;

/** What a credentials helper said: a token, that it has none, or what is wrong with it, as part of a sentence. */
export type HelperAnswer = { token: string | undefined } | { problem: string };

const PREFIX = "terraform-credentials-";
const MOST_WORDS = 300;

/**
 * The program of a credentials helper: `terraform-credentials-<name>`, with `_v<version>` where there are several, of
 * which the newest counts; of the same version that in the first folder (opentofu internal/plugin/discovery/find.go,
 * which compares the names in lower case).
 */
export async function findHelper(name: string, folders: string[]): Promise<string | undefined> {
  let best: { path: string; version: number[] } | undefined;
  for (const folder of folders) {
    for (const file of await readdir(folder).catch(() => [])) {
      const version = file.startsWith(PREFIX) ? versionFor(name, file) : undefined;
      const path = join(folder, file);
      if (version === undefined || !(await isFile(path))) continue;
      if (best === undefined || isNewer(version, best.version)) best = { path, version };
    }
  }
  return best?.path;
}

/** The version in a file's name, 0.0.0 where it has none; `undefined` for another helper's. */
function versionFor(name: string, file: string): number[] | undefined {
  const base = file
    .toLowerCase()
    .slice(PREFIX.length)
    .replace(/\.exe$/, "");
  const [found, version = "0.0.0"] = base.split(/_v(.*)/s);
  if (found !== name) return undefined;
  const parts = /^(\d+)(?:\.(\d+))?(?:\.(\d+))?(?=$|[-+_])/.exec(version);
  return parts === null ? undefined : parts.slice(1).map((part) => Number(part ?? 0));
}

function isNewer(version: number[], than: number[]): boolean {
  const index = version.findIndex((part, at) => part !== than[at]);
  return index !== -1 && (version[index] ?? 0) > (than[index] ?? 0);
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && !found.isDirectory();
}

/**
 * Asks a helper for the token of a host (comparison form): `<program> <args…> get <host>` prints a JSON object, with the
 * member `token` if it has one, or fails and says why on its standard error.
 */
export async function askHelper(
  run: RunProgram,
  helper: { program: string; args: string[] },
  hostname: string,
): Promise<HelperAnswer> {
  const { program } = helper;
  try {
    const { exitCode, stdout, stderr } = await run(program, [...helper.args, "get", hostname]);
    if (exitCode === 0) return readAnswer(program, stdout);
    const words = plainText(stderr).replaceAll(/\s+/g, " ").trim().slice(0, MOST_WORDS);
    return { problem: `${program} failed (exit code ${exitCode})${words === "" ? "" : `: ${words}`}` };
  } catch (error) {
    // The step has to end.
    if (error instanceof Failure && error.reason !== "internal") throw error;
    return { problem: `${program} cannot be run` };
  }
}

function readAnswer(program: string, stdout: string): HelperAnswer {
  try {
    const answer: unknown = JSON.parse(stdout);
    if (answer === null) return { token: undefined };
    if (typeof answer !== "object" || Array.isArray(answer)) throw new TypeError("no object");
    const token: unknown = Reflect.get(answer, "token");
    return { token: typeof token === "string" ? token : undefined };
  } catch {
    return { problem: `the output of ${program} is not a JSON object` };
  }
}
