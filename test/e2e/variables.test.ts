import { afterEach, describe, expect, test } from "vitest";
import type { ProfileName } from "../sandbox/profiles.ts";
import { applicable, confirmations, merge, onMerge, statuses } from "./merge.ts";
import { backend, everything, makeScene, type Scene, write } from "./scene.ts";

let scene: Scene;
afterEach(() => scene.sandbox.close());

const DECLARED = [
  'variable "region" { type = string }',
  'variable "password" {\n  type = string\n  sensitive = true\n}',
  'variable "zones" { type = map(list(string)) }',
  'variable "count_of" {\n  type = number\n  default = 1\n}',
].join("\n");
const GIVEN = 'region=eu-west-1\npassword=correct horse\nzones={ a = ["x", "y"], b = [] }';

async function open(options: { profile?: ProfileName; cloud?: boolean } = {}): Promise<void> {
  scene = await makeScene(options.profile === undefined ? {} : { profile: options.profile });
  const { hostname } = scene.sandbox;
  const remote = backend(hostname);
  const block = options.cloud === true ? remote.replace('backend "remote"', "cloud") : remote;
  write(scene.checkout, {
    "infra/main.tf": `${block}\n${DECLARED}\nresource "terraform_data" "greeting" {}\n`,
  });
  scene.sandbox.github.pull({ headSha: "b".repeat(40) });
  scene.sandbox.script("demo", applicable());
}

/** Variables of the runs in the order in which they were made. */
function sent(): { key: string; value: string }[][] {
  return scene.sandbox.world.runs.map(({ attributes }) => attributes.variables);
}

function isUntouched(): boolean {
  return scene.sandbox.requests.every(({ server, method }) => server !== "tfe" || method === "GET");
}

describe("variables of a run", () => {
  test.each([false, true])(
    "are sent for a remote block as for a cloud block (%s); reports have names only",
    async (cloud) => {
      await open({ cloud });
      write(scene.checkout, { "infra/more.tfvars": 'count_of = 3\nregion   = "loses"\n' });
      const result = await scene.run({ inputs: { variables: GIVEN, "var-files": "more.tfvars" } });
      expect([result.exitCode, result.annotations]).toEqual([0, []]);
      expect(sent()).toEqual([
        [
          { key: "count_of", value: "3" },
          { key: "password", value: '"correct horse"' },
          { key: "region", value: '"eu-west-1"' },
          { key: "zones", value: '{\n  a = ["x", "y"]\n  b = []\n}' },
        ],
      ]);
      const body = scene.sandbox.github.comments()[0]?.body ?? "";
      expect(body).toContain("Variables given: `count_of`, `password`, `region`, `zones`");
      expect(result.masks).toContain("correct horse");
      for (const value of ["correct horse", "eu-west-1"]) {
        expect(everything(result)).not.toContain(value);
        expect(body).not.toContain(value);
      }
    },
  );

  test("TF_VAR_*: as the CLI, sent for a cloud block", async () => {
    await open({ cloud: true });
    await scene.run({ env: { TF_VAR_region: "eu-west-1", TF_VAR_undeclared: "x" } });
    expect(sent()).toEqual([[{ key: "region", value: '"eu-west-1"' }]]);
  });

  test("TF_VAR_*: as the CLI, not for a remote block, which is said", async () => {
    await open();
    const result = await scene.run({ env: { TF_VAR_region: "eu-west-1" } });
    expect(sent()).toEqual([[]]);
    expect(result.stdout).toContain("(use the input variables): TF_VAR_region");
    expect(result.stdout).not.toContain("eu-west-1");
  });

  test.each<[string, ProfileName, Record<string, string>, string, RegExp]>([
    [
      "one that is not declared",
      "hcp",
      { variables: "nobody=1" },
      "input",
      /Value for undeclared variable.*"nobody"/,
    ],
    ["a value of another type", "hcp", { variables: "count_of=many" }, "input", /count_of/],
    ["a line without a value", "hcp", { variables: "region" }, "input", /Invalid line/],
    [
      "a file that is not there",
      "hcp",
      { "var-files": "none.tfvars" },
      "input",
      /none.tfvars does not exist/,
    ],
    [
      "a server that ignores them",
      "terrakube",
      { variables: "region=x" },
      "unsupported",
      /"variables".*ignores it/,
    ],
    [
      "a server where a file wins",
      "otf",
      { variables: "region=x" },
      "unsupported",
      /terraform.tfvars.*region/,
    ],
  ])("refused before anything is uploaded: %s", async (_what, profile, inputs, reason, message) => {
    await open({ profile });
    if (profile === "otf") write(scene.checkout, { "infra/terraform.tfvars": 'region = "y"\n' });
    const result = await scene.run({ inputs });
    expect([result.exitCode, result.outputs["failure-reason"]]).toEqual([1, reason]);
    expect(result.annotations.at(-1)?.message).toMatch(message);
    expect(isUntouched()).toBe(true);
  });

  test("a name in a variable file that is not declared is a warning", async () => {
    await open();
    write(scene.checkout, { "infra/more.tfvars": "nobody = 3\n" });
    const result = await scene.run({ inputs: { "var-files": "more.tfvars" } });
    expect(result.exitCode).toBe(0);
    expect(result.annotations.map(({ level }) => level)).toEqual(["warning"]);
    expect(scene.sandbox.github.comments()[0]?.body).toMatch(/undeclared\s+variable/);
  });
});

describe("variables are part of what was reviewed", () => {
  test("the same values in another order and layout: applied", async () => {
    await open();
    await scene.run({ inputs: { variables: GIVEN } });
    merge(scene);
    scene.sandbox.script("demo", applicable());
    const variables = 'zones={b=[],a=[ "x","y" ]}\npassword=correct horse\nregion=eu-west-1';
    const result = await scene.run(onMerge({ variables }));
    expect([result.exitCode, result.outputs["applied"]]).toEqual([0, "true"]);
  });

  test.each([
    ["another value", GIVEN.replace("eu-west-1", "eu-west-2")],
    ["one less", GIVEN.replace("region=eu-west-1\n", "")],
    ["none", ""],
  ])("%s: held", async (_what, variables) => {
    await open();
    await scene.run({ inputs: { variables: GIVEN } });
    merge(scene);
    const result = await scene.run(onMerge({ variables }));
    expect(result.outputs).toMatchObject({
      status: "held",
      "failure-reason": "no-reviewed-plan",
      applied: "false",
    });
    expect(everything(result)).toContain("planned with other options than this apply has: variables.");
    expect(statuses(scene)).toEqual(["planned_and_finished"]);
  });

  test("values that the server hides: planned with a warning, never applied", async () => {
    await open();
    scene.sandbox.world.profile.variableValuesTold = false;
    const planned = await scene.run({ inputs: { variables: GIVEN } });
    expect([planned.exitCode, planned.annotations.map(({ message }) => message)]).toEqual([
      0,
      [expect.stringContaining("does not tell whether the run has these inputs: variables")],
    ]);
    merge(scene);
    const result = await scene.run(onMerge({ variables: GIVEN }));
    expect(result.outputs).toMatchObject({ status: "held", "failure-reason": "no-reviewed-plan" });
    expect(everything(result)).toContain("variables (which the server does not tell)");
    expect(confirmations(scene)).toBe(0);
  });
});
