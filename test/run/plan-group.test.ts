import { expect, test } from "vitest";
import { beginsPlan, openPlanGroup } from "../../src/run/plan-group.ts";

function print(batches: string[][]): string[] {
  const printed: string[] = [];
  const group = openPlanGroup({
    foreign: (lines) => void printed.push(...lines),
    startGroup: (title) => void printed.push(`[${title}`),
    endGroup: () => void printed.push("]"),
  });
  for (const batch of batches) group.foreign(batch);
  group.end();
  return printed;
}

test("what goes before the plan is folded, the plan is open, and nothing is lost or moved", () => {
  const lines = [
    "Initializing...",
    "3 objects refreshed",
    "",
    "Terraform will perform the following actions:",
    "",
    "Plan: 1 to add",
  ];
  const expected = ["[Plan: initialisation and refresh", ...lines.slice(0, 3), "]", ...lines.slice(3)];
  expect(print([lines])).toEqual(expected);
  expect(print(lines.map((line) => [line]))).toEqual(expected);
});

test("a log without a plan ends its group", () => {
  expect(print([["Initializing..."]])).toEqual(["[Plan: initialisation and refresh", "Initializing...", "]"]);
});

test.each([
  ["\u001b[1mNo changes.\u001b[0m Your infrastructure matches the configuration.", true],
  ["OpenTofu used the selected providers to generate the following execution", true],
  ["Terraform planned the following actions, but then encountered a problem:", true],
  ["\u001b[31m╷\u001b[0m\u001b[0m", true],
  ["│ Error: Unsupported block type", true],
  ["Error: executing plan: exit status 1", true],
  ["Warning: Deprecated", true],
  ["Note: Objects have changed outside of Terraform", true],
  ["Changes to Outputs:", true],
  ["Initializing the backend...", false],
  ["Terraform has been successfully initialized!", false],
  ["Terraform v1.11.4", false],
  ["aws_instance.a: Refreshing state... [id=i-1]", false],
  ["", false],
])("%j begins the plan: %s", (line, begins) => expect(beginsPlan(line)).toBe(begins));
