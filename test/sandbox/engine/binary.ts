import { execFileSync, spawn } from "node:child_process";
import { accessSync, constants, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { isRecord } from "../http/exchange.ts";
import { temporaryDirectory } from "../temporary.ts";

/** A tofu or terraform binary. */
export type Binary = { name: "tofu" | "terraform"; file: string; version: string };

/** `tofu`, else `terraform`, on PATH; `undefined` where there is neither or it does not run. */
export function findBinary(): Binary | undefined {
  for (const name of ["tofu", "terraform"] as const) {
    const file = onPath(name);
    const version = file === undefined ? undefined : versionOf(file);
    if (file !== undefined && version !== undefined) return { name, file, version };
  }
  return undefined;
}

/** An executable of that name on PATH. */
export function onPath(name: string): string | undefined {
  const suffix = process.platform === "win32" ? ".exe" : "";
  return (process.env["PATH"] ?? "")
    .split(path.delimiter)
    .filter((directory) => directory !== "")
    .map((directory) => path.join(directory, `${name}${suffix}`))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const versions = new Map<string, string | undefined>();

function versionOf(file: string): string | undefined {
  if (!versions.has(file)) versions.set(file, readVersion(file));
  return versions.get(file);
}

function readVersion(file: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(
      execFileSync(file, ["version", "-json"], { env: cleanEnvironment(), encoding: "utf8", stdio: "pipe" }),
    );
    const version = isRecord(parsed) ? parsed["terraform_version"] : undefined;
    return typeof version === "string" ? version : undefined;
  } catch {
    return undefined;
  }
}

let emptyHome: string | undefined;

/** An environment without tokens, proxies, CLI configuration or plugin cache of the machine. */
export function cleanEnvironment(): Record<string, string> {
  if (emptyHome === undefined) {
    emptyHome = temporaryDirectory("sandbox-home-");
    writeFileSync(path.join(emptyHome, "empty.tfrc"), "");
  }
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: emptyHome,
    // what Windows needs to open a socket
    ...(process.env["SystemRoot"] === undefined ? {} : { SystemRoot: process.env["SystemRoot"] }),
    TEMP: tmpdir(),
    TMPDIR: tmpdir(),
    TF_CLI_CONFIG_FILE: path.join(emptyHome, "empty.tfrc"),
    TF_IN_AUTOMATION: "1",
    TF_INPUT: "0",
    CHECKPOINT_DISABLE: "1",
  };
}

export type Ran = { code: number; stdout: string; stderr: string; output: string };

export type RunOptions = {
  cwd: string;
  /** SIGINT when it aborts. */
  signal?: AbortSignal;
  /** stdout and stderr as they come. */
  onOutput?: (bytes: Uint8Array) => void;
  env?: Record<string, string>;
};

/** Runs the binary to its end; `code` is −1 where a signal ended it. `output` is stdout and stderr as they came. */
export function run(binary: Binary, args: string[], options: RunOptions): Promise<Ran> {
  const env = { ...cleanEnvironment(), ...options.env };
  const child = spawn(binary.file, args, { cwd: options.cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  const output: Buffer[] = [];
  const collect = (chunk: Buffer): void => {
    output.push(chunk);
    options.onOutput?.(chunk);
  };
  child.stdout.on("data", (chunk: Buffer) => {
    stdout.push(chunk);
    collect(chunk);
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr.push(chunk);
    collect(chunk);
  });
  const interrupt = (): void => void child.kill("SIGINT");
  options.signal?.addEventListener("abort", interrupt, { once: true });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      options.signal?.removeEventListener("abort", interrupt);
      resolve({
        code: code ?? -1,
        stdout: Buffer.concat(stdout).toString("utf8"),
        stderr: Buffer.concat(stderr).toString("utf8"),
        output: Buffer.concat(output).toString("utf8"),
      });
    });
  });
}
