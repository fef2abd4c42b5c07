import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { JsonValue } from "../../src/json.ts";
import { projectRoot, stepEnvironment } from "./runner-environment.ts";
import { makeRunnerFiles, type RunnerFiles, readRecords } from "./runner-files.ts";
import { temporaryDirectory } from "./temporary.ts";
import { type Annotation, annotationsOf, masksOf } from "./workflow-commands.ts";

/** What the sandbox tells the runner; a `Sandbox` fits. */
export type RunnerServers = {
  caFile: string;
  github: { url: string; tokens: { bot: string } };
};

export type ActionOptions = {
  /** Which script of the action; default `main`. */
  entry?: "main" | "post";
  /** The script itself, instead of `dist/<entry>/index.js`. */
  script?: string;
  /** Inputs of `with:`; the defaults of action.yml are added. */
  inputs: Record<string, string>;
  sandbox: RunnerServers;
  /** GITHUB_WORKSPACE: the checked out repository; default an empty directory. */
  workspace?: string;
  event?: { name: string; payload: JsonValue };
  /** `STATE_*` for post: `state` of the result of main. */
  state?: Record<string, string>;
  /** RUNNER_TEMP, kept by the caller when main and post share it; default a new directory. */
  temp?: string;
  /** On top of (and before) the runner's own variables; `undefined` removes one. */
  env?: Record<string, string | undefined>;
  /** stdout as it comes. */
  onStdout?: (text: string) => void;
  /** Kills the process after so long; default 60,000 ms. */
  timeoutMs?: number;
};

export type ActionResult = {
  /** `null` when a signal ended the process. */
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  outputs: Record<string, string>;
  state: Record<string, string>;
  summary: string;
  annotations: Annotation[];
  masks: string[];
  temp: string;
  durationMs: number;
};

export type RunningAction = {
  pid: number;
  temp: string;
  /** stdout so far. */
  stdout: () => string;
  /** Sends a signal to the process alone, as the runner does (SIGINT, 7.5 s later SIGTERM, 2.5 s later SIGKILL). */
  kill: (signal: NodeJS.Signals) => void;
  /** Resolves when stdout holds `text`, rejects when the process ends before. */
  waitFor: (text: string | RegExp) => Promise<void>;
  result: Promise<ActionResult>;
};

/** Runs main or post of the action as GitHub's runner does and waits for its end. */
export const runAction = (options: ActionOptions): Promise<ActionResult> => startAction(options).result;

/** Starts main or post of the action as GitHub's runner does: Node 24, INPUT_*, GITHUB_* files, stdout a pipe. */
export function startAction(options: ActionOptions): RunningAction {
  const temp = options.temp ?? temporaryDirectory("runner-");
  const workspace = options.workspace ?? path.join(temp, "workspace");
  mkdirSync(workspace, { recursive: true });
  const files = makeRunnerFiles(path.join(temp, "_runner_file_commands"));
  const entry = options.entry ?? "main";
  const child = spawn(
    process.execPath,
    [options.script ?? path.join(projectRoot, "dist", entry, "index.js")],
    {
      cwd: workspace,
      env: stepEnvironment(options, { temp, workspace, files }),
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  return follow(child, { options, temp, files });
}

type Following = { options: ActionOptions; temp: string; files: RunnerFiles };

function follow(child: ChildProcess, { options, temp, files }: Following): RunningAction {
  const started = performance.now();
  const read = { stdout: "", stderr: "" };
  const listeners = new Set<() => void>();
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    read.stdout += text;
    options.onStdout?.(text);
    for (const listener of listeners) listener();
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    read.stderr += text;
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), options.timeoutMs ?? 60_000);
  const result = new Promise<ActionResult>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode, signal) => {
      clearTimeout(timer);
      try {
        resolve({
          exitCode,
          signal,
          ...read,
          ...written(files, read.stdout),
          temp,
          durationMs: performance.now() - started,
        });
      } catch (error) {
        reject(error);
      }
      for (const listener of listeners) listener();
    });
  });
  return {
    pid: child.pid ?? 0,
    temp,
    stdout: () => read.stdout,
    kill: (signal) => void child.kill(signal),
    waitFor: (text) => waitForText(child, { text, read, listeners }),
    result,
  };
}

type Wait = { text: string | RegExp; read: { stdout: string; stderr: string }; listeners: Set<() => void> };

function waitForText(child: ChildProcess, { text, read, listeners }: Wait): Promise<void> {
  const found = (): boolean =>
    typeof text === "string" ? read.stdout.includes(text) : text.test(read.stdout);
  return new Promise((resolve, reject) => {
    const check = (): void => {
      const ended = child.exitCode !== null || child.signalCode !== null;
      if (!found() && !ended) return;
      listeners.delete(check);
      if (found()) resolve();
      else reject(new Error(`the action ended without printing ${text}\n${read.stdout}\n${read.stderr}`));
    };
    listeners.add(check);
    check();
  });
}

function written(files: RunnerFiles, stdout: string) {
  return {
    outputs: readRecords(files.GITHUB_OUTPUT),
    state: readRecords(files.GITHUB_STATE),
    summary: readFileSync(files.GITHUB_STEP_SUMMARY, "utf8"),
    annotations: annotationsOf(stdout),
    masks: masksOf(stdout),
  };
}
