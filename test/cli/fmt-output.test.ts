import { expect, test } from "vitest";
import { readFmtOutput } from "../../src/cli/fmt-output.ts";

test("a file a line", () => {
  expect(readFmtOutput(["main.tf", "modules/a b.tf", ""])).toEqual([
    { file: "main.tf" },
    { file: "modules/a b.tf" },
  ]);
  expect(readFmtOutput([""])).toEqual([]);
});

test("with differences, the first line of each file that differs", () => {
  const lines = [
    "main.tf",
    "--- old/main.tf",
    "+++ new/main.tf",
    "@@ -1,4 +1,4 @@",
    " locals {",
    "-  a = 1",
    "+  a      = 1",
    "   longer = 2",
    " ",
    "@@ -20,2 +20,3 @@",
    "+# more",
    " locals {",
    "modules/net.tf",
    "--- old/modules/net.tf",
    "+++ new/modules/net.tf",
    "@@ -7 +7 @@",
    "-x=1",
    "\\ No newline at end of file",
    "+x = 1",
    "",
  ];
  expect(readFmtOutput(lines)).toEqual([
    { file: "main.tf", line: 2 },
    { file: "modules/net.tf", line: 7 },
  ]);
});
