import { resolve } from "node:path";
import { getInput } from "@actions/core";
import { type CommandLine, parseCommand } from "./command-line.ts";
import { boolean, duration, type InputReader, lines, oneOf } from "./input-values.ts";

const COMMENT_MODES = ["update", "new", "changes-only", "off"] as const;
const COMMENT_VALUES = ["show", "hide"] as const;
const SAVE_PLAN = ["auto", "true", "false"] as const;

/** The inputs of action.yml, parsed. What is optional and was not given is `undefined`. */
export type Inputs = {
  command: CommandLine["command"];
  /** What follows the command: only commands that take arguments have any. For `tofu`, the whole command line. */
  arguments: string[];
  /** What a command run by the binary reads from its standard input. */
  stdin: string;
  /** Root module, absolute. */
  directory: string;
  token: string | undefined;
  hostname: string | undefined;
  organization: string | undefined;
  workspace: string | undefined;
  /** Lines as `-backend-config` takes them: files and `key=value`, in the order in which they count. */
  backendConfig: string[];
  /** Lines `name=value`, the value as written. */
  variables: string[];
  /** Paths relative to `directory`. */
  varFiles: string[];
  /** Resource addresses. */
  target: string[];
  replace: string[];
  refresh: boolean;
  refreshOnly: boolean;
  destroy: boolean;
  allowEmptyApply: boolean;
  ignoreRemoteVersion: boolean;
  terraformVersion: string | undefined;
  savePlan: (typeof SAVE_PLAN)[number];
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
  /** An interruption also stops an apply that is in progress. */
  cancelApply: boolean;
};

/**
 * Reads and checks every input before anything else happens.
 * Throws Failure (reason `input`) that names the input, the value and what is allowed.
 */
export function readInputs(workspaceRoot: string, read: InputReader = getInput): Inputs {
  const timeoutMs = duration(read, "timeout", "1h");
  const line = parseCommand(read("command") || "plan");
  return {
    ...line,
    stdin: read("stdin"),
    directory: resolve(workspaceRoot, read("working-directory") || "."),
    token: optional(read, "token"),
    hostname: optional(read, "hostname"),
    organization: optional(read, "organization"),
    workspace: optional(read, "workspace"),
    backendConfig: lines(read, "backend-config"),
    variables: lines(read, "variables"),
    varFiles: lines(read, "var-files"),
    target: lines(read, "target"),
    replace: lines(read, "replace"),
    refresh: boolean(read, "refresh", true),
    refreshOnly: boolean(read, "refresh-only", false),
    destroy: boolean(read, "destroy", false) || line.command === "destroy",
    allowEmptyApply: boolean(read, "allow-empty-apply", false),
    ignoreRemoteVersion: boolean(read, "ignore-remote-version", false),
    terraformVersion: optional(read, "terraform-version"),
    savePlan: oneOf(read, "save-plan", SAVE_PLAN),
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
    cancelApply: boolean(read, "cancel-apply", false),
  };
}

function optional(read: InputReader, name: string): string | undefined {
  return read(name) || undefined;
}
