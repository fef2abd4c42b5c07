import { stripAnsi } from "./ansi.ts";
import type { Diagnostic } from "./model.ts";

const headline = /^(Error|Warning): (.*)$/;
/** `  on main.tf line 3, in resource "x" "y":` */
const placeLine = /^\s*on (.+) line (\d+)(?:, in .*)?:$/;
const addressLine = /^\s*with (.+),$/;
/** OTF says once more, flattened to one paragraph, what the engine printed before. */
const repetition = /^Error: (?:executing [a-z ]+: )?exit status \d+/;
/** HCL's own form, `main.tf:2,11-3,1: Summary; Detail`. */
const hclPosition = /(?:^|\s)(\S+\.(?:tf|tofu|tfvars)(?:\.json)?):(\d+),\d+-(?:(\d+),)?\d+: (.*)$/;
/** What can follow a diagnostic that has no box around it. */
const otherText =
  /^(?:─{10,}|Plan: \d|Operation failed|Releasing state lock|(?:OpenTofu|Terraform) (?:used|will|planned) )/;

/**
 * The errors and warnings in the text of a log, as `tofu` writes them with a box around (`╷ │ ╵`) or, without colour,
 * as plain paragraphs. The repetition that OTF appends is left out where the diagnostic itself is there;
 * what `init` says twice counts once.
 */
export function diagnosticsFromText(lines: string[]): Diagnostic[] {
  const blocks = diagnosticBlocks(lines.map((line) => stripAnsi(line).trimEnd()));
  const own = blocks.filter((block) => !repetition.test(block[0] ?? ""));
  const hasError = own.some((block) => block[0]?.startsWith("Error: ") === true);
  const once = new Map((hasError ? own : blocks).map((block) => [block.join("\n").trimEnd(), block]));
  return [...once.values()].map(readBlock).filter((diagnostic) => diagnostic !== undefined);
}

/** The lines of each diagnostic, the first of them its headline, boxes taken off. */
function diagnosticBlocks(lines: string[]): string[][] {
  const blocks: string[][] = [];
  let index = 0;
  while (index < lines.length) {
    const line = lines[index] ?? "";
    if (line.startsWith("╷")) {
      const end = boxEnd(lines, index + 1);
      const content = lines.slice(index + 1, end).map((boxed) => boxed.replace(/^│ ?/, ""));
      const start = content.findIndex((text) => headline.test(text));
      if (start >= 0) blocks.push(content.slice(start));
      index = end;
    } else if (isHeadline(lines, index)) {
      const end = plainEnd(lines, index);
      blocks.push(lines.slice(index, end));
      index = end;
    } else {
      index += 1;
    }
  }
  return blocks;
}

/** Where no box is around it, a diagnostic begins a paragraph. */
function isHeadline(lines: string[], index: number): boolean {
  const line = lines[index] ?? "";
  const previous = lines[index - 1] ?? "";
  return headline.test(line) && (previous === "" || previous.startsWith("╵") || repetition.test(line));
}

function boxEnd(lines: string[], start: number): number {
  let index = start;
  while (index < lines.length && lines[index]?.startsWith("│") === true) index += 1;
  return index;
}

/** Plain diagnostics end where another begins; a repetition holds such beginnings itself, and ends at a box. */
function plainEnd(lines: string[], start: number): number {
  const isRepetition = repetition.test(lines[start] ?? "");
  let index = start + 1;
  while (index < lines.length) {
    const line = lines[index] ?? "";
    if (line.startsWith("╷") || otherText.test(line)) break;
    if (!isRepetition && isHeadline(lines, index)) break;
    index += 1;
  }
  return index;
}

function readBlock(block: string[]): Diagnostic | undefined {
  const [, severity, start = ""] = headline.exec(block[0] ?? "") ?? [];
  if (severity === undefined) return undefined;
  const bodyStart = Math.max(1, block.indexOf(""));
  const summary = [start, ...block.slice(1, bodyStart)].join(" ").trim();
  const diagnostic: Diagnostic = {
    severity: severity === "Error" ? "error" : "warning",
    summary,
    detail: "",
  };
  const detailStart = readPlace(diagnostic, block, bodyStart);
  diagnostic.detail = block.slice(detailStart).join("\n").trim();
  return diagnostic.file === undefined ? withHclPosition(diagnostic) : diagnostic;
}

/** Reads address, place and code; returns where the detail starts. */
function readPlace(diagnostic: Diagnostic, block: string[], start: number): number {
  let index = start;
  while (block[index] === "") index += 1;
  const address = addressLine.exec(block[index] ?? "")?.[1];
  if (address !== undefined) {
    diagnostic.address = address;
    index += 1;
  }
  const [, file, line] = placeLine.exec(block[index] ?? "") ?? [];
  if (file === undefined) return index;
  const blank = block.indexOf("", index);
  const end = blank < 0 ? block.length : blank;
  diagnostic.file = file;
  diagnostic.line = Number(line);
  diagnostic.snippet = block
    .slice(index, end)
    .map((text, offset) => (offset === 0 ? text.trim() : text))
    .join("\n");
  return end;
}

function withHclPosition(diagnostic: Diagnostic): Diagnostic {
  const [, path, line, endLine, message] = hclPosition.exec(diagnostic.summary) ?? [];
  if (path === undefined || message === undefined) return diagnostic;
  const [summary = message, ...detail] = message.split("; ");
  return {
    ...diagnostic,
    summary,
    detail: [detail.join("; "), diagnostic.detail].filter((text) => text !== "").join("\n"),
    file: insideRun(path),
    line: Number(line),
    endLine: Number(endLine ?? line),
  };
}

/** The path without the server's own directories: after the one of the run, else the name alone. */
function insideRun(path: string): string {
  if (!path.startsWith("/")) return path;
  const [, inside] = /\/run-[^/]+\/(.+)$/.exec(path) ?? [];
  return inside ?? path.slice(path.lastIndexOf("/") + 1);
}
