import { expect, test } from "vitest";
import { callArguments, commandCall, type OptionInputs } from "../../src/cli/commands.ts";

const NOTHING: OptionInputs = { variables: [], varFiles: [], target: [], ignoreRemoteVersion: false };
const ALL: OptionInputs = {
  variables: ["a=1", "b=x y"],
  varFiles: ["one.tfvars"],
  target: ["terraform_data.a"],
  ignoreRemoteVersion: true,
};
const terraform = { product: "terraform", version: "1.11.4" } as const;
const tofu = { product: "tofu", version: "1.12.6" } as const;
const oldTofu = { product: "tofu", version: "1.7.3" } as const;

test.each([
  ["fmt -check", "nothing"],
  ["version -json", "nothing"],
  ["get", "nothing"],
  ["metadata functions -json", "nothing"],
  ["validate", "modules"],
  ["test", "modules"],
  ["providers lock", "modules"],
  ["providers mirror DIR", "modules"],
  ["workspace list", "workspaces"],
  ["workspace new dev", "workspaces"],
  ["console", "state"],
  ["graph", "state"],
  ["output -json", "state"],
  ["providers", "state"],
  ["providers schema -json", "state"],
  ["show", "state"],
  ["state list", "state"],
  ["state pull", "state"],
  ["force-unlock ID", "state"],
  ["refresh", "state"],
  ["import A B", "state"],
])("%s needs: %s", (line, needs) => {
  expect(commandCall(line.split(" ")).facts.needs).toBe(needs);
});

test.each([
  "import A B",
  "taint A",
  "untaint A",
  "state push F",
  "state mv A B",
  "state rm A",
  "state replace-provider A B",
])("%s writes the state", (line) => {
  expect(commandCall(line.split(" ")).facts.writes).toBe(true);
  expect(callArguments(commandCall(line.split(" ")), ALL, terraform)).toContain("-ignore-remote-version");
});

test.each([
  ["output -json", true],
  ["output -raw name", true],
  ["output -json=T", true],
  ["output --json=1", true],
  ["output -json=false", false],
  ["output -no-color name", true],
  ["output -no-color", false],
  ["output -show-sensitive", true],
  ["state show -show-sensitive A", true],
  ["show -show-sensitive=true", true],
  ["output", false],
  ["show -json", true],
  ["show", false],
  ["state pull", true],
  ["state list", false],
  ["validate -json", false],
  ["providers schema -json", true],
  ["version -json", false],
])("%s goes to the file alone: %s", (line, alone) => {
  expect(commandCall(line.split(" ")).facts.fileOnly === true).toBe(alone);
});

test("arguments stay as they are, options of the inputs before them", () => {
  const words = ["import", "-lock=false", 'aws_x.a["b c"]', "$HOME"];
  expect(callArguments(commandCall(words), NOTHING, terraform)).toEqual(words);
  expect(callArguments(commandCall(words), ALL, terraform)).toEqual([
    "import",
    "-var-file=one.tfvars",
    "-var=a=1",
    "-var=b=x y",
    "-ignore-remote-version",
    ...words.slice(1),
  ]);
  expect(callArguments(commandCall(["state", "mv", "a", "b"]), NOTHING, tofu)).toEqual([
    "state",
    "mv",
    "a",
    "b",
  ]);
  expect(callArguments(commandCall(["version"]), ALL, tofu)).toEqual(["version"]);
  expect(callArguments(commandCall(["state", "nosuch", "x"]), ALL, tofu)).toEqual(["state", "nosuch", "x"]);
  expect(callArguments(commandCall(["workspace"]), ALL, tofu)).toEqual(["workspace"]);
});

test.each([
  ["state list", tofu, true],
  ["state list", oldTofu, false],
  ["state list", terraform, false],
  ["console", terraform, true],
  ["console", oldTofu, true],
  ["test", terraform, true],
  ["fmt", tofu, false],
  ["workspace show", tofu, false],
] as const)("%s takes variables in %o: %s", (line, binary, takes) => {
  const given = callArguments(commandCall(line.split(" ")), ALL, binary);
  expect(given.includes("-var=a=1")).toBe(takes);
});

test("targets are for refresh", () => {
  expect(callArguments(commandCall(["refresh"]), ALL, terraform)).toContain("-target=terraform_data.a");
  expect(callArguments(commandCall(["show"]), ALL, tofu)).not.toContain("-target=terraform_data.a");
});
