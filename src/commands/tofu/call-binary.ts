import { closeSync, openSync, writeSync } from "node:fs";
import { runProgram } from "../../cli/exec.ts";
import { Failure } from "../../failure.ts";
import { plainText } from "../../foreign-text.ts";
import { emptyText, feedText, finishText } from "../../run/log-text.ts";
import type { LogPiece } from "../../run/types.ts";
import type { Step } from "../step.ts";
import type { Prepared } from "./prepare.ts";

/** One call of the binary; lines go where these functions bring them. */
export type Call = {
  arguments: string[];
  stdin?: string;
  /** Takes the bytes of standard output exactly as they come; made anew, readable by the job's user only. */
  stdoutFile?: string;
  /** Or: takes both outputs, in the order in which they come, behind what it holds already. */
  logFile?: string;
  onStdout?: (pieces: LogPiece[]) => void;
  onStderr?: (pieces: LogPiece[]) => void;
};

/** How a call ended: standard error is kept as plain text, the last lines of it where there are very many. */
export type Called = { code: number; interrupted: boolean; stderr: string[] };

const MOST_LINES = 5000;

/** Runs the binary in the root module and waits for its end, also when the step has to stop. */
export async function callBinary(
  { inputs, signal }: Step,
  { binary, environment }: Pick<Prepared, "binary" | "environment">,
  call: Call,
): Promise<Called> {
  const file = openFile(call);
  const stdout = lineReader((pieces) => call.onStdout?.(pieces));
  const kept: string[] = [];
  const stderr = lineReader((pieces) => {
    kept.push(...pieces.map(({ text }) => plainText(text)));
    kept.splice(0, kept.length - MOST_LINES);
    call.onStderr?.(pieces);
  });
  try {
    const ended = await runProgram({
      file: binary.file,
      arguments: call.arguments,
      directory: inputs.directory,
      environment,
      stdin: call.stdin ?? "",
      signal,
      onStdout: (bytes) => {
        file?.write(bytes);
        stdout.feed(bytes);
      },
      onStderr: (bytes) => {
        if (call.logFile !== undefined) file?.write(bytes);
        stderr.feed(bytes);
      },
    });
    stdout.finish();
    stderr.finish();
    file?.check();
    return { ...ended, stderr: kept };
  } finally {
    file?.close();
  }
}

/** Bytes become lines however they were cut. */
function lineReader(take: (pieces: LogPiece[]) => void): {
  feed: (bytes: Uint8Array) => void;
  finish: () => void;
} {
  let state = emptyText;
  const send = (pieces: LogPiece[]) => {
    if (pieces.length > 0) take(pieces);
  };
  return {
    feed: (bytes) => {
      const fed = feedText(state, bytes);
      state = fed.state;
      send(fed.pieces);
    },
    finish: () => send(finishText(state)),
  };
}

type OpenFile = { write: (bytes: Uint8Array) => void; check: () => void; close: () => void };

function openFile({ stdoutFile, logFile }: Call): OpenFile | undefined {
  if (logFile !== undefined) return createFile(logFile, "a");
  return stdoutFile === undefined ? undefined : createFile(stdoutFile, "w");
}

/** Written at once, so that a program that writes faster than the disk has to wait; an error is told at the end. */
function createFile(path: string, flags: "a" | "w"): OpenFile {
  let fault: unknown;
  const orKeep = <T>(act: () => T): T | undefined => {
    try {
      return act();
    } catch (error) {
      fault ??= error;
      return undefined;
    }
  };
  const descriptor = orKeep(() => openSync(path, flags, 0o600));
  return {
    write: (bytes) => {
      let from = 0;
      while (fault === undefined && descriptor !== undefined && from < bytes.length) {
        from += orKeep(() => writeSync(descriptor, bytes, from)) ?? 0;
      }
    },
    check: () => {
      if (fault === undefined) return;
      const remedy = "see that the runner's temporary folder can be written and has space";
      throw new Failure("outputs", `${path} cannot be written: ${remedy}`, { cause: fault });
    },
    close: () => descriptor !== undefined && closeSync(descriptor),
  };
}
