import { describe, expect, test } from "vitest";
import { beginsApply, createTally } from "../../src/run/apply-log.ts";

function tally(...lines: string[]) {
  const counted = createTally();
  for (const line of lines) counted.notice([line]);
  const summary = counted.summary();
  return { complete: summary !== undefined, ...(summary ?? counted.done()) };
}
const none = { complete: false, add: 0, change: 0, destroy: 0, import: 0 };

describe("the tally of an apply", () => {
  test.each<[string, Partial<typeof none>]>([
    ["Apply complete! Resources: 1 added, 2 changed, 3 destroyed.", { add: 1, change: 2, destroy: 3 }],
    ["Apply complete! Resources: 4 imported, 1 added, 0 changed, 0 destroyed.", { import: 4, add: 1 }],
    ["Apply complete! Resources: 0 added, 0 changed, 0 destroyed, 2 forgotten.", {}],
    ["Destroy complete! Resources: 12 destroyed.", { destroy: 12 }],
    ["\u001b[0m\u001b[1m\u001b[32mApply complete! Resources: 1 added.\u001b[0m", { add: 1 }],
  ])("%j", (line, counts) => {
    expect(tally(line)).toEqual({ ...none, complete: true, ...counts });
  });

  test("without a summary, what was done so far", async () => {
    expect(
      tally(
        "terraform_data.a: Creating...",
        "\u001b[1mterraform_data.a: Creation complete after 0s [id=x]\u001b[0m",
        'module.m["a: b (c)"].x.y[0]: Destruction complete after 1s',
        "aws_a.b: Modifications complete after 3s [id=x]",
        "aws_a.c: Import complete [id=x]",
        "aws_a.d: Still creating... [10s elapsed]",
      ),
    ).toEqual({ complete: false, add: 1, change: 1, destroy: 1, import: 1 });
  });

  test("the summary is what counts", () => {
    const lines = [
      "a.b: Creation complete after 0s",
      "Apply complete! Resources: 2 added, 0 changed, 0 destroyed.",
    ];
    expect(tally(...lines)).toMatchObject({ complete: true, add: 2 });
  });

  test.each([
    "null_resource.a (local-exec): Apply complete! Resources: 9 added, 0 changed, 0 destroyed.",
    "null_resource.a (local-exec): b: Creation complete after 0s",
    "  Apply complete! Resources: 9 added.",
    "Outputs: Apply complete! Resources: 9 added.",
  ])("what a program prints is not counted: %j", (line) => {
    expect(tally(line)).toEqual(none);
  });
});

test("lines that no CLI writes are passed over, and quickly", () => {
  const end = ": Creation complete after 0s";
  expect(tally("x".repeat(9000) + end, '"'.repeat(8001) + end, '"\\'.repeat(4000) + end)).toEqual(none);
});

describe("where an apply begins to be of interest", () => {
  test.each([
    "terraform_data.a: Creating...",
    "\u001b[0m\u001b[1mterraform_data.a: Destroying... [id=1]\u001b[0m",
    "a.b: Modifying... [id=1]",
    "a.b: Importing... [id=1]",
    "Error: no",
    "╷",
    "│ Error: no",
    "│ Warning: hm",
    "Apply complete! Resources: 0 added, 0 changed, 0 destroyed.",
  ])("%j", (line) => {
    expect(beginsApply(line)).toBe(true);
  });

  test.each([
    "",
    "Initializing the backend...",
    "- Installing hashicorp/null v3.2.3...",
    "Terraform v1.11.4",
    "on linux_amd64",
    "Plan: 1 to add, 0 to change, 0 to destroy.",
    "  # terraform_data.a will be created",
    "a.b: Refreshing state... [id=1]",
  ])("not %j", (line) => {
    expect(beginsApply(line)).toBe(false);
  });
});
