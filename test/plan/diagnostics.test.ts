import { expect, test } from "vitest";
import { diagnosticsFromText } from "../../src/plan/diagnostics.ts";

const invalidIndex = {
  severity: "error",
  summary: "Invalid index",
  detail: "The given key does not identify an element in this collection value.",
  file: "main.tf",
  line: 2,
  snippet: 'on main.tf line 2, in resource "terraform_data" "x":\n   2:   input = [for k in range(2) : k[5]]',
};

const plain = [
  "Error: Invalid index",
  "",
  '  on main.tf line 2, in resource "terraform_data" "x":',
  "   2:   input = [for k in range(2) : k[5]]",
  "",
  "The given key does not identify an element in this collection value.",
];
const boxed = ["╷", ...plain.map((line) => (line === "" ? "│ " : `│ ${line}`)), "╵"];
const coloured = boxed.map((line) =>
  line.replace("│", "\u001b[31m│\u001b[0m").replace("Error: ", "\u001b[1m\u001b[31mError: \u001b[0m"),
);

test.each([
  ["in a box", ["terraform_data.x: Reading...", ...boxed, "after"]],
  ["in a coloured box", coloured],
  [
    "without a box",
    ["Planning failed.", "", ...plain, "", "Operation failed: failed running terraform plan (exit 1)"],
  ],
  [
    "in a box, and once more flattened by OTF",
    [
      ...boxed,
      "Error: executing plan: exit status 1: Error: Invalid index  on main.tf line 2",
      "",
      "Error: Invalid index",
    ],
  ],
  [
    "of an apply, and once more flattened by OTF",
    [...boxed, "", "Error: exit status 1: Error: Invalid index on main.tf line 2"],
  ],
])("an error %s", (_name, lines) => {
  expect(diagnosticsFromText(lines)).toEqual([invalidIndex]);
});

test("several of them, with address and paragraphs, in their order", () => {
  const lines = [
    "╷",
    "│ Warning: Check block assertion failed",
    "│ ",
    "│   with terraform_data.x,",
    '│   on dir/checks.tf line 12, in check "c":',
    '│   12:   condition = terraform_data.x.id == "q"',
    "│     ├────────────────",
    '│     │ terraform_data.x.id is "r"',
    "│ ",
    "│ first",
    "│ ",
    "│ second",
    "╵",
    "╷",
    "│ Error: No place",
    "╵",
  ];
  expect(diagnosticsFromText(lines)).toEqual([
    {
      severity: "warning",
      summary: "Check block assertion failed",
      detail: "first\n\nsecond",
      address: "terraform_data.x",
      file: "dir/checks.tf",
      line: 12,
      snippet:
        'on dir/checks.tf line 12, in check "c":\n  12:   condition = terraform_data.x.id == "q"\n    ├────────────────\n    │ terraform_data.x.id is "r"',
    },
    { severity: "error", summary: "No place", detail: "" },
  ]);
});

test.each([
  ["/tmp/otf-runs/run-abc/infra/main.tf:2,11-3,1", "infra/main.tf"],
  ["/var/lib/x/main.tf:2,11-3,1", "main.tf"],
  ["modules/a.tofu:2,11-3,1", "modules/a.tofu"],
])("HCL's position %s becomes a place", (position, file) => {
  const line = `Error: removing backend config: parsing HCL: ${position}: Invalid expression; Expected the start of an expression.`;
  expect(diagnosticsFromText([line])).toEqual([
    {
      severity: "error",
      summary: "Invalid expression",
      detail: "Expected the start of an expression.",
      file,
      line: 2,
      endLine: 3,
    },
  ]);
});

test("the repetition stays where it is all there is", () => {
  const lines = ["Error: executing plan: exit status 1: killed"];
  expect(diagnosticsFromText(lines)).toEqual([
    { severity: "error", summary: "executing plan: exit status 1: killed", detail: "" },
  ]);
});

test("text that only looks like a diagnostic is none", () => {
  expect(diagnosticsFromText(["x Error: no", "some text", "Error: not after an empty line"])).toEqual([]);
});

test("what init prints twice counts once", () => {
  expect(diagnosticsFromText([...boxed, ...boxed])).toEqual([invalidIndex]);
});
