import { accessSync, constants, statSync } from "node:fs";
import { devNull } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";
import { type Ended, runProgram } from "../cli/exec.ts";
import { plainText } from "../foreign-text.ts";

/** How a git command ended: its exit code (-1: stopped), what it wrote, and of its errors one line fit to be shown. */
export type GitAnswer = { code: number; stdout: string; problem: string };

export type GitCommand = {
  /** Without `git` itself; never a secret, since others on the machine may read them. */
  arguments: string[];
  /** Settings beside the hardened ones, `[key, value]`; they may be secrets. */
  settings?: [key: string, value: string][];
  /** Variables instead of the hardened ones; `undefined` takes one away. */
  variables?: Record<string, string | undefined>;
  timeoutMs?: number;
};

export type Git = (command: GitCommand) => Promise<GitAnswer>;

export type GitOptions = {
  environment: Readonly<Record<string, string | undefined>>;
  /** A private folder: git's home and working directory. */
  folder: string;
  signal: AbortSignal;
};

const TIMEOUT_MS = 30_000;
const PATIENCE_MS = 2000;
/** More than any list that is asked for; a repository that makes git write more is stopped. */
const MOST_BYTES = 4 * 1024 * 1024;
/** What git needs of a job's environment to reach a remote: no `GIT_*`, which could make it run programs or use other files. */
const KEPT = /^(path|pathext|systemroot|temp|tmp|ssh_auth_sock|(http|https|all|no)_proxy)$/i;

/**
 * What keeps a repository from having anything run: no hooks, monitors, filters or helpers, no other protocols than these,
 * no file that a name may hide (CVE-2014-9390, CVE-2019-1349), nothing of submodules. `.gitattributes` may name filters and
 * merge drivers, but those are programs only where a setting says so, and no settings but these are read.
 */
const HARDENED: [string, string][] = [
  ["core.hooksPath", devNull],
  ["core.fsmonitor", "false"],
  ["core.attributesFile", devNull],
  ["core.protectHFS", "true"],
  ["core.protectNTFS", "true"],
  ["core.alternateRefsPrefixes", "refs/none/"],
  ["credential.helper", ""],
  ["fetch.recurseSubmodules", "false"],
  ["submodule.recurse", "false"],
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
  ["protocol.allow", "never"],
  ["protocol.https.allow", "always"],
  ["protocol.ssh.allow", "always"],
  ["protocol.file.allow", "always"],
];

/** Git as it is on PATH, with an environment in which a hostile repository finds nothing to use; `undefined`: there is none. */
export function openGit({ environment, folder, signal }: GitOptions): Git | undefined {
  const file = findOnPath(environment);
  if (file === undefined) return undefined;
  return async ({ arguments: given, settings = [], variables = {}, timeoutMs = TIMEOUT_MS }) => {
    const chunks: { stdout: Uint8Array[]; stderr: Uint8Array[] } = { stdout: [], stderr: [] };
    const limit = new AbortController();
    const stop = AbortSignal.any([signal, limit.signal, AbortSignal.timeout(timeoutMs)]);
    let bytes = 0;
    const collect = (into: Uint8Array[]) => (chunk: Uint8Array) => {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) limit.abort();
      else into.push(chunk);
    };
    const ended = await runProgram({
      ...{ file, arguments: given, directory: folder, signal: stop, patienceMs: PATIENCE_MS },
      environment: {
        ...hardened(environment, folder),
        ...numbered([...HARDENED, ...authority(environment), ...settings]),
        ...variables,
      },
      onStdout: collect(chunks.stdout),
      onStderr: collect(chunks.stderr),
    });
    signal.throwIfAborted();
    return answer(ended, { stdout: textOf(chunks.stdout), stderr: textOf(chunks.stderr) });
  };
}

function answer(
  { code, interrupted }: Ended,
  { stdout, stderr }: { stdout: string; stderr: string },
): GitAnswer {
  if (interrupted) return { code: -1, stdout: "", problem: "git took too long, or wrote too much" };
  return { code, stdout, problem: code === 0 ? "" : firstError(stderr) };
}

/** One short line, without user names and passwords in addresses. */
function firstError(stderr: string): string {
  const lines = plainText(stderr).split("\n");
  const line = lines.find((text) => /^(fatal|error|remote):/.test(text)) ?? lines[0] ?? "";
  return line
    .replaceAll(/\/\/[^/@\s]*@/g, "//")
    .slice(0, 200)
    .toWellFormed();
}

function textOf(chunks: Uint8Array[]): string {
  return Buffer.concat(chunks).toString("utf8");
}

/** Whom the job trusts; its other variables for git are left behind. */
function authority({ GIT_SSL_CAINFO: file }: GitOptions["environment"]): [string, string][] {
  return file === undefined || file === "" ? [] : [["http.sslCAInfo", file]];
}

function hardened(environment: GitOptions["environment"], folder: string): Record<string, string> {
  const kept = Object.entries(environment).filter(([name, value]) => value !== undefined && KEPT.test(name));
  return {
    ...Object.fromEntries(kept.map(([name, value]) => [name, value ?? ""])),
    ...{ HOME: folder, LC_ALL: "C", GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: devNull },
    ...{
      GIT_ATTR_NOSYSTEM: "1",
      GIT_TERMINAL_PROMPT: "0",
      GIT_NO_REPLACE_OBJECTS: "1",
      GIT_NO_LAZY_FETCH: "1",
    },
  };
}

/** Settings as git takes them from its environment, where no list of processes shows them (git-config, GIT_CONFIG_COUNT). */
function numbered(settings: [string, string][]): Record<string, string> {
  const pairs = settings.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(settings.length), ...Object.fromEntries(pairs) };
}

function findOnPath(environment: GitOptions["environment"]): string | undefined {
  const [, path = ""] = Object.entries(environment).find(([name]) => /^path$/i.test(name)) ?? [];
  const name = process.platform === "win32" ? "git.exe" : "git";
  return path
    .split(delimiter)
    .filter(isAbsolute)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
