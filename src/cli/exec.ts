import { ChildProcess } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { exec } from "@actions/exec";
import { Failure } from "../failure.ts";

/** A program to run: no shell sees its arguments, and its environment is exactly `environment`. */
export type Program = {
  /** Absolute path. */
  file: string;
  arguments: string[];
  directory: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** All that it reads from its standard input, which is closed behind it. */
  stdin?: string;
  /** Bytes as they come. */
  onStdout?: (bytes: Uint8Array) => void;
  onStderr?: (bytes: Uint8Array) => void;
  /** When it aborts, the program gets SIGINT. */
  signal: AbortSignal;
  /** Milliseconds that the program then has to end before it is killed. */
  patienceMs?: number;
};

/** How a program ended; `code` is -1 where a signal ended it. */
export type Ended = { code: number; interrupted: boolean };

const PATIENCE_MS = 30_000;

/**
 * Runs a program to its end, also when `signal` aborts meanwhile: a CLI that is interrupted writes and unlocks its state
 * first. Throws Failure (`internal`) where it cannot be started, and the reason of a signal that aborted before.
 */
export async function runProgram(program: Program): Promise<Ended> {
  const { signal } = program;
  signal.throwIfAborted();
  const running = watchChild(program);
  try {
    // Of a program that a signal ended, @actions/exec tells null.
    const code: number | null = await exec(quoted(program.file), program.arguments, optionsOf(program));
    if (!running.wasSeen()) throw new Error("the process was not announced");
    return { code: code ?? -1, interrupted: signal.aborted };
  } catch (cause) {
    const remedy = "is it an executable of this platform, and the working directory there?";
    throw new Failure("internal", `${program.file} cannot be run: ${remedy}`, { cause });
  } finally {
    running.end();
  }
}

/**
 * Looks after the process itself, which @actions/exec starts but does not give away: its standard input is always closed,
 * so that no prompt waits for ever, and it hears of an interruption. Node announces each child process on a channel.
 */
function watchChild(program: Program): { wasSeen: () => boolean; end: () => void } {
  const { signal, patienceMs = PATIENCE_MS } = program;
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  const interrupt = () => {
    if (child === undefined || timer !== undefined) return;
    child.kill("SIGINT");
    timer = setTimeout(() => child?.kill("SIGKILL"), patienceMs);
  };
  const take = (started: ChildProcess) => {
    if (child !== undefined || !isOf(started, program)) return;
    child = started;
    connect(child, program);
    if (signal.aborted) interrupt();
  };
  // It is announced before it has been started.
  const onChild = (message: unknown) => {
    const started = message instanceof Object && "process" in message ? message.process : undefined;
    if (started instanceof ChildProcess) process.nextTick(take, started);
  };
  subscribe("child_process", onChild);
  signal.addEventListener("abort", interrupt);
  return {
    wasSeen: () => child !== undefined,
    end: () => {
      unsubscribe("child_process", onChild);
      signal.removeEventListener("abort", interrupt);
      clearTimeout(timer);
    },
  };
}

function isOf({ spawnfile, spawnargs }: ChildProcess, { file, arguments: given }: Program): boolean {
  // On Windows, @actions/exec spells the name as the directory does.
  const normal = (path: string) => (process.platform === "win32" ? path.toLowerCase() : path);
  return normal(spawnfile) === normal(file) && spawnargs.slice(1).join("\0") === given.join("\0");
}

/** What @actions/exec does with the output is copying it once more with every piece of a line that does not end. */
function connect({ stdin, stdout, stderr }: ChildProcess, program: Program): void {
  stdout?.removeAllListeners("data").on("data", program.onStdout ?? (() => undefined));
  stderr?.removeAllListeners("data").on("data", program.onStderr ?? (() => undefined));
  // A program may end without having read what it was given.
  stdin?.on("error", () => undefined).end(program.stdin ?? "");
}

function optionsOf({ directory, environment }: Program) {
  const given = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return { cwd: directory, env: Object.fromEntries(given), silent: true, ignoreReturnCode: true };
}

/** @actions/exec takes a command line apart at spaces and quotes. */
function quoted(file: string): string {
  return `"${file.replaceAll('"', '\\"')}"`;
}
