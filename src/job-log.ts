import * as core from "@actions/core";
import type { SourcePosition } from "./failure.ts";
import { logLine, plainText, splitLines } from "./foreign-text.ts";

/** The job log. Everything that this action prints passes through it. */
export type JobLog = {
  /** Our own words, one or more lines. */
  line: (text: string) => void;
  /** Lines of remote origin, behind a gutter and without anything that acts. */
  foreign: (lines: string[]) => void;
  startGroup: (title: string) => void;
  endGroup: () => void;
  /** Registers a secret with the runner; call it before anything can print the value. */
  mask: (secret: string) => void;
  annotate: (severity: "error" | "warning" | "notice", message: string, at?: Annotation) => void;
  warning: (message: string) => void;
};

/** Where an annotation points to; positions as in SourcePosition. */
export type Annotation = { title?: string | undefined; position?: SourcePosition | undefined };

const ANNOTATE = { error: core.error, warning: core.warning, notice: core.notice };
/** Longest message of an annotation that the runner keeps (actions/runner, ExecutionContext.cs). */
const MESSAGE_LIMIT = 4096;

/**
 * The only writer of standard output. Annotations and groups go through @actions/core, which escapes them; the text
 * in them is made plain first, because it may quote a server.
 */
export function createJobLog(): JobLog {
  const annotate: JobLog["annotate"] = (severity, message, at = {}) => {
    const text = plainText(message).slice(0, MESSAGE_LIMIT);
    ANNOTATE[severity](text, properties(at));
  };
  return {
    line: (text) => write(splitLines(text).map(ownLine)),
    foreign: (lines) => write(lines.flatMap(splitLines).map(logLine)),
    startGroup: (title) => core.startGroup(plainText(title).replaceAll("\n", " ")),
    endGroup: () => core.endGroup(),
    mask: createMask(),
    annotate,
    warning: (message) => annotate("warning", message),
  };
}

/** Our own lines may quote names of workspaces or files, so they are made inert too, without the gutter. */
function ownLine(line: string): string {
  const text = logLine(line).slice(2);
  return text.trimStart().startsWith("::") ? `| ${text}` : text;
}

function write(lines: string[]): void {
  if (lines.length > 0) process.stdout.write(`${lines.join("\n")}\n`);
}

/** Masks a value once. The runner masks line by line, so a value of several lines is masked as its lines. */
function createMask(): (secret: string) => void {
  const masked = new Set<string>();
  return (secret) => {
    const lines = splitLines(secret);
    const values = lines.length === 1 ? lines : lines.filter((line) => line.trim().length >= 4);
    for (const value of values) {
      if (value.trim() === "" || masked.has(value)) continue;
      masked.add(value);
      core.setSecret(value);
    }
  };
}

function properties(at: Annotation): core.AnnotationProperties {
  const { title, position } = at;
  return {
    ...(title === undefined ? {} : { title: plainText(title) }),
    ...(position === undefined ? {} : { file: position.file }),
    ...(position?.line === undefined ? {} : { startLine: position.line }),
    ...(position?.endLine === undefined ? {} : { endLine: position.endLine }),
    ...(position?.column === undefined ? {} : { startColumn: position.column }),
  };
}
