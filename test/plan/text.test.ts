import { expect, test } from "vitest";
import { countsFromText, planTextFromLog } from "../../src/plan/text.ts";
import { toDiff } from "../../src/plan/to-diff.ts";

const none = { add: 0, change: 0, destroy: 0, import: 0, move: 0, forget: 0 };

test.each([
  [["Plan: 1 to add, 2 to change, 3 to destroy."], { ...none, add: 1, change: 2, destroy: 3 }],
  [
    ["\u001b[1mPlan:\u001b[0m 4 to import, 1 to add, 0 to change, 0 to destroy, 2 to forget."],
    { ...none, import: 4, add: 1, forget: 2 },
  ],
  [["No changes. Your infrastructure matches the configuration."], none],
  [["Changes to Outputs:", "  + a = 1"], none],
  [
    [
      "  # a.b has moved to a.c",
      "  # a.d will be updated in-place",
      "  # (moved from a.e)",
      "Plan: 0 to add, 1 to change, 0 to destroy.",
    ],
    { ...none, change: 1, move: 2 },
  ],
  [["Error: x"], undefined],
  [[], undefined],
])("%j counts as %j", (lines, counts) => {
  expect(countsFromText(lines)).toEqual(counts);
});

test("a log is cut down to its plan, drift and changes", () => {
  const log = [
    "Terraform v1.9.0",
    "on linux_amd64",
    "Initializing plugins and modules...",
    'module.a["x"].terraform_data.b[0]: Refreshing state... [id=1]\r',
    "data.x.y: Reading...",
    "data.x.y: Read complete after 0s [id=2]",
    "",
    "Note: Objects have changed outside of Terraform",
    "",
    "  # a.b has changed",
    "─".repeat(77),
    "",
    "Terraform used the selected providers to generate the following execution",
    "plan. Resource actions are indicated with the following symbols:",
    "  + create",
    "",
    "Terraform will perform the following actions:",
    "",
    "  # a.c will be created",
    "",
    "Plan: 1 to add, 0 to change, 0 to destroy.",
    "",
    "─".repeat(77),
    "",
    "Note: You didn't use the -out option to save this plan, so Terraform can't",
  ];
  expect(planTextFromLog(log)).toEqual([
    "Note: Objects have changed outside of Terraform",
    "",
    "  # a.b has changed",
    "─".repeat(77),
    "",
    "Terraform will perform the following actions:",
    "",
    "  # a.c will be created",
    "",
    "Plan: 1 to add, 0 to change, 0 to destroy.",
  ]);
});

test("marks move to column 0, those of a heredoc's text stay", () => {
  expect(
    toDiff([
      "  # a will be updated in-place",
      '  ~ resource "x" "a" {',
      "      - gone = 1 -> null",
      "      ~ text = <<-EOT # forces replacement",
      "            - item",
      "          + + item",
      "          - EOT",
      "        EOT",
      "      + new  = 1",
      "        # (1 unchanged attribute hidden)",
      "    }",
      '-/+ resource "x" "b" {',
      "  + out = <<-EOT",
      "        - a",
      "    EOT -> null",
      "  - x   = 1",
    ]),
  ).toEqual([
    "  # a will be updated in-place",
    '!   resource "x" "a" {',
    "-       gone = 1 -> null",
    "!       text = <<-EOT # forces replacement",
    "            - item",
    "+           + item",
    "-           EOT",
    "        EOT",
    "+       new  = 1",
    "        # (1 unchanged attribute hidden)",
    "    }",
    '-/+ resource "x" "b" {',
    "+   out = <<-EOT",
    "        - a",
    "    EOT -> null",
    "-   x   = 1",
  ]);
});
