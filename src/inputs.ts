import { resolve } from "node:path";
import { getInput } from "@actions/core";
import { Failure } from "./failure.ts";

const COMMANDS = ["plan", "apply", "archive"] as const;
const COMMENT_MODES = ["update", "new", "changes-only", "off"] as const;
const COMMENT_VALUES = ["show", "hide"] as const;

/** The inputs of action.yml, parsed. What is optional and was not given is `undefined`. */
export type Inputs = {
  command: (typeof COMMANDS)[number];
  /** Root module, absolute. */
  directory: string;
  token: string | undefined;
  hostname: string | undefined;
  organization: string | undefined;
  workspace: string | undefined;
  message: string | undefined;
  /** gitignore lines. */
  ignore: string[];
  timeoutMs: number;
  queueTimeoutMs: number;
  githubToken: string | undefined;
  comment: (typeof COMMENT_MODES)[number];
  commentValues: (typeof COMMENT_VALUES)[number];
  label: string;
  summary: boolean;
  annotations: boolean;
  writePlanJson: boolean;
  /** `""` unless exactly this run is to be applied. */
  runId: string;
  requireSameArchive: boolean;
  autoApprove: boolean;
};

/** Gives the text of an input, `""` where it was not given; in the runner that is @actions/core's getInput. */
export type InputReader = (name: string) => string;

/**
 * Reads and checks every input before anything else happens.
 * Throws Failure (reason `input`) that names the input, the value and what is allowed.
 */
export function readInputs(workspaceRoot: string, read: InputReader = getInput): Inputs {
  const timeoutMs = duration(read, "timeout", "1h");
  return {
    command: oneOf(read, "command", COMMANDS),
    directory: resolve(workspaceRoot, read("working-directory") || "."),
    token: optional(read, "token"),
    hostname: optional(read, "hostname"),
    organization: optional(read, "organization"),
    workspace: optional(read, "workspace"),
    message: optional(read, "message"),
    ignore: read("ignore").split(/\r?\n/),
    timeoutMs,
    queueTimeoutMs: Math.min(duration(read, "queue-timeout", `${timeoutMs / 1000}s`), timeoutMs),
    githubToken: optional(read, "github-token"),
    comment: oneOf(read, "comment", COMMENT_MODES),
    commentValues: oneOf(read, "comment-values", COMMENT_VALUES),
    label: read("label"),
    summary: boolean(read, "summary", true),
    annotations: boolean(read, "annotations", true),
    writePlanJson: boolean(read, "write-plan-json", false),
    runId: read("run-id"),
    requireSameArchive: boolean(read, "require-same-archive", false),
    autoApprove: boolean(read, "auto-approve", false),
  };
}

/**
 * Milliseconds of a duration such as `90s`, `30m` or `1h30m`; `undefined` for anything else, zero included. At most
 * 24 days, what a timer can hold.
 */
export function parseDuration(text: string): number | undefined {
  const match = /^(?:(\d{1,4})h)?(?:(\d{1,6})m)?(?:(\d{1,7})s)?$/.exec(text);
  if (match === null) return undefined;
  const [hours, minutes, seconds] = match.slice(1).map((digits) => Number(digits ?? 0));
  const total = ((hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)) * 1000;
  return total > 0 && total <= 24 * 86_400_000 ? total : undefined;
}

/** A boolean of the YAML 1.2 core schema, `undefined` for anything else. */
export function parseBoolean(text: string): boolean | undefined {
  if (/^(true|True|TRUE)$/.test(text)) return true;
  return /^(false|False|FALSE)$/.test(text) ? false : undefined;
}

function optional(read: InputReader, name: string): string | undefined {
  return read(name) || undefined;
}

function oneOf<T extends string>(read: InputReader, name: string, allowed: readonly [T, ...T[]]): T {
  const given = read(name) || allowed[0];
  const found = allowed.find((value) => value === given);
  if (found === undefined) throw invalid(name, given, `one of ${allowed.join(", ")}`);
  return found;
}

function duration(read: InputReader, name: string, otherwise: string): number {
  const given = read(name) || otherwise;
  const parsed = parseDuration(given);
  if (parsed === undefined)
    throw invalid(name, given, "a duration such as 90s, 30m or 1h30m, more than 0 and at most 24 days");
  return parsed;
}

function boolean(read: InputReader, name: string, otherwise: boolean): boolean {
  const given = read(name);
  if (given === "") return otherwise;
  const parsed = parseBoolean(given);
  if (parsed === undefined) throw invalid(name, given, "true or false");
  return parsed;
}

function invalid(name: string, given: string, allowed: string): Failure {
  return new Failure("input", `Input "${name}" is ${JSON.stringify(given)}, but must be ${allowed}.`);
}
