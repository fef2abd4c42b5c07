import { Failure } from "../failure.ts";
import { countOf, formatBytes } from "./amounts.ts";
import type { LeftOut } from "./left-out.ts";
import type { Archive } from "./pack.ts";

/**
 * What went into an archive and what stayed out, one fact a line, for the job log and the summary: files, bytes before
 * and after compression, the digest, what each rule left out, where rules surprise, the largest files. The archive's
 * `warnings` are not among them.
 */
export function describeArchive(archive: Archive): string[] {
  const compressed = `${formatBytes(archive.rawBytes)}, ${formatBytes(archive.bytes)} compressed`;
  return [
    `${countOf(archive.files, "file")}, ${compressed}`,
    `Digest: ${archive.digest}`,
    ...(archive.excluded.length === 0 ? [] : ["Left out:", ...archive.excluded.map(leftOutLine)]),
    ...archive.surprises,
    ...largestLines(archive),
  ];
}

function leftOutLine({ rule, line, files, directories }: LeftOut): string {
  const counts = [
    ...(files > 0 ? [countOf(files, "file")] : []),
    ...(directories > 0 ? [countOf(directories, "whole directory", "whole directories")] : []),
  ];
  return `  ${rule}${line === undefined ? "" : ` (.terraformignore, line ${line})`}: ${counts.join(", ")}`;
}

function largestLines(archive: Archive): string[] {
  if (archive.largest.length === 0) return [];
  return ["Largest files:", ...archive.largest.map(({ path, bytes }) => `  ${formatBytes(bytes)}  ${path}`)];
}

/**
 * The failure for an archive that the server refused for its size (413, or 422 of OTF): what the server's refusal said,
 * then sizes and the largest files.
 */
export function archiveTooLarge(archive: Archive, refusal: Failure): Failure {
  const lines = [
    refusal.message,
    `The archive has ${countOf(archive.files, "file")}, ${formatBytes(archive.rawBytes)}, ${formatBytes(archive.bytes)} compressed.`,
    ...largestLines(archive),
    "Exclude what the run does not need in .terraformignore or with the input ignore.",
  ];
  return new Failure("archive-too-large", lines.join("\n"), { cause: refusal });
}
