import { writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { onOwnLines } from "../../src/commands/plan/own-lines.ts";
import type { Diagnostic } from "../../src/plan/model.ts";
import { temporaryDirectory } from "../sandbox/temporary.ts";

const workspaceRoot = temporaryDirectory("own-lines-");
writeFileSync(
  path.join(workspaceRoot, "main.tf"),
  'terraform {\r\n  backend "remote" {\r\n  }\r\n}\r\n\r\nresource "a" "b" {\r\n  x = 1\r\n}\r\n\r\nresource "a" "c" {\r\n  x = 1\r\n}\r\n',
);
/** A diagnostic as it is read from a log; `line` is the server's. */
function shown(line: number, code: string, file = "main.tf"): Diagnostic {
  const snippet = `on ${file} line ${line}, in resource "a" "b":\n${String(line).padStart(4)}: ${code}`;
  return { severity: "error", summary: "Bad", detail: "", file, line, endLine: line + 1, snippet };
}

test.each<[string, Diagnostic, object]>([
  ["a line that is the same here stays", shown(6, 'resource "a" "b" {'), { line: 6, endLine: 7 }],
  [
    "below a block that the server took out it is the line with that code",
    shown(3, 'resource "a" "b" {'),
    { line: 6, endLine: 7 },
  ],
  [
    "code that is nowhere here keeps what the server says",
    shown(3, 'resource "z" "z" {'),
    { file: "main.tf", line: 3, endLine: 4 },
  ],
  ["code that stands in several places has no line", shown(4, "  x = 1"), { file: "main.tf" }],
  [
    "a file that is not here keeps what the server says",
    shown(3, "x", "gone.tf"),
    { file: "gone.tf", line: 3, endLine: 4 },
  ],
  [
    "nothing outside of the workspace is read",
    shown(3, "x", "../../etc/passwd"),
    { file: "../../etc/passwd", line: 3, endLine: 4 },
  ],
])("%s", async (_, diagnostic, place) => {
  const [own] = await onOwnLines({ directory: workspaceRoot, workspaceRoot }, [diagnostic]);
  expect({ file: own?.file, line: own?.line, endLine: own?.endLine }).toEqual({
    file: "main.tf",
    line: undefined,
    endLine: undefined,
    ...place,
  });
});
