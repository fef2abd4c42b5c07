import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findBinary, type Ran, run } from "../sandbox/engine/binary.ts";
import { applicable } from "./merge.ts";
import { backend, makeScene, type Scene, write } from "./scene.ts";

// The same options through the real CLI and through the action, against the same server: what both ask it for is the same.

const found = findBinary();
if (found === undefined) {
  console.warn("SKIPPED options as the real CLI sends them: neither tofu nor terraform is on PATH");
}
const binary = found ?? { name: "tofu" as const, file: "tofu", version: "" };

const blocks = {
  remote: (hostname: string) => backend(hostname),
  cloud: (hostname: string) =>
    `terraform {\n  cloud {\n    hostname = "${hostname}"\n    organization = "acme"\n    workspaces { name = "demo" }\n  }\n}\n`,
};

/** The CLI in the scene's root module, initialised. */
async function initialised(
  scene: Scene,
  kind: keyof typeof blocks,
  more: Record<string, string> = {},
): Promise<(...args: string[]) => Promise<Ran>> {
  const { hostname, token, caFile } = scene.sandbox;
  write(scene.checkout, {
    "infra/main.tf": `${blocks[kind](hostname)}\nresource "terraform_data" "greeting" {}\n`,
  });
  const config = join(scene.checkout, "cli.tfrc");
  writeFileSync(config, `credentials "${hostname}" {\n  token = "${token}"\n}\n`);
  const env = { SSL_CERT_FILE: caFile, TF_CLI_CONFIG_FILE: config, ...more };
  const cli = (...args: string[]) => run(binary, args, { cwd: join(scene.checkout, "infra"), env });
  expect(await cli("init", "-input=false")).toMatchObject({ code: 0 });
  return cli;
}

type Body = { data: { attributes: Record<string, unknown> } };

/** Without what only one of both sends, on purpose: who made it and what becomes of it; no variables are none. */
function runs({ sandbox }: Scene): Record<string, unknown>[] {
  return sandbox.requests
    .filter(({ method, path }) => method === "POST" && path.endsWith("/runs"))
    .map(({ json }) => {
      const { attributes } = (json as Body).data;
      const own = ["message", "plan-only", "auto-apply", "save-plan"];
      const both = Object.entries(attributes).filter(([name]) => !own.includes(name));
      return { variables: [], ...Object.fromEntries(both) };
    });
}

const VARIABLES = {
  "infra/variables.tf": [
    'variable "text" { type = string }',
    'variable "number" { type = number }',
    'variable "list" { type = list(string) }',
    'variable "map" { type = map(number) }',
    'variable "object" { type = object({ a = string, b = optional(bool) }) }',
    'variable "any" {}',
    'variable "env" {}',
    'variable "file" { type = set(string) }',
    'variable "auto" { default = "" }',
  ].join("\n"),
  "infra/more.tfvars": 'file = ["b", "a"]\ntext = "loses"\n',
  "infra/a.auto.tfvars": 'auto = "uploaded"\n',
};
const GIVEN = [
  'text=say "hi" to %{you} = me',
  "number=1.50",
  'list=["x", "y z"]',
  "map={ b = 2, a = 1 }",
  'object={ a = "é" }',
  "any=plain",
];

/** Without the layout of a value, which no server looks at. */
function byName(variables: unknown): Map<string, string> {
  const list = variables as { key: string; value: string }[];
  return new Map(list.map(({ key, value }) => [key, value.replaceAll(/\s+/g, " ")]));
}

const rows: [string, string[], Record<string, string>][] = [
  ["no options", [], {}],
  [
    "destroy of targets",
    ["-destroy", "-target=terraform_data.greeting", '-target=module.a["b"].data.c.d[0]', "-refresh=false"],
    { destroy: "true", target: 'terraform_data.greeting\nmodule.a["b"].data.c.d[0]', refresh: "false" },
  ],
  ["refresh-only", ["-refresh-only"], { "refresh-only": "true" }],
  [
    "replace",
    ["-replace=terraform_data.greeting", '-replace=resource.terraform_data.other[ "a$${b}" ]'],
    { replace: 'terraform_data.greeting\nresource.terraform_data.other[ "a$${b}" ]' },
  ],
];

describe.skipIf(found === undefined).concurrent("the CLI and the action ask for the same run", () => {
  describe.each(["remote", "cloud"] as const)("%s block", (kind) => {
    test.each(rows)(
      "%s",
      async (_what, flags, inputs) => {
        const scene = await makeScene();
        try {
          for (let i = 0; i < 2; i++) scene.sandbox.script("demo", applicable());
          const cli = await initialised(scene, kind);
          expect(await cli("plan", "-input=false", ...flags)).toMatchObject({ code: 0 });
          expect((await scene.run({ inputs })).exitCode).toBe(0);
          const [theirs, ours, ...others] = runs(scene);
          expect(ours).toEqual(theirs);
          expect(others).toEqual([]);
        } finally {
          await scene.sandbox.close();
        }
      },
      120_000,
    );
  });

  test("variables of every kind and from everywhere, with a cloud block", async () => {
    const scene = await makeScene();
    try {
      for (let i = 0; i < 2; i++) scene.sandbox.script("demo", applicable());
      write(scene.checkout, VARIABLES);
      const cli = await initialised(scene, "cloud", { TF_VAR_env: "from the environment", TF_VAR_no: "1" });
      const flags = GIVEN.map((line) => `-var=${line}`);
      expect(await cli("plan", "-input=false", "-var-file=more.tfvars", ...flags)).toMatchObject({ code: 0 });
      const result = await scene.run({
        inputs: { variables: GIVEN.join("\n"), "var-files": "more.tfvars" },
        env: { TF_VAR_env: "from the environment", TF_VAR_no: "1" },
      });
      expect([result.exitCode, result.annotations]).toEqual([0, []]);
      const [theirs, ours] = runs(scene).map(({ variables }) => byName(variables));
      expect(ours).toEqual(theirs);
      expect([...(ours?.keys() ?? [])].sort()).toEqual([
        "any",
        "env",
        "file",
        "list",
        "map",
        "number",
        "object",
        "text",
      ]);
    } finally {
      await scene.sandbox.close();
    }
  }, 120_000);

  test("destroy", async () => {
    const scene = await makeScene();
    try {
      for (let i = 0; i < 2; i++) scene.sandbox.script("demo", applicable());
      const cli = await initialised(scene, "remote");
      expect(await cli("destroy", "-input=false", "-auto-approve")).toMatchObject({ code: 0 });
      const result = await scene.run({ inputs: { command: "destroy", "auto-approve": "true" } });
      expect([result.exitCode, result.outputs["status"]]).toEqual([0, "applied"]);
      const [theirs, ours] = runs(scene);
      expect(ours).toEqual(theirs);
    } finally {
      await scene.sandbox.close();
    }
  }, 120_000);

  test("a saved plan", async () => {
    const scene = await makeScene();
    try {
      for (let i = 0; i < 2; i++) scene.sandbox.script("demo", applicable());
      const cli = await initialised(scene, "cloud");
      expect(await cli("plan", "-input=false", "-out=saved.plan")).toMatchObject({ code: 0 });
      expect((await scene.run({ inputs: { "save-plan": "true" } })).exitCode).toBe(0);
      const [theirs, ours] = scene.sandbox.world.runs.map(
        ({ status, attributes, configurationVersionId }) => {
          const { speculative, provisional } = scene.sandbox.configurationVersion(configurationVersionId);
          return { status, speculative, provisional, attributes: { ...attributes, message: "" } };
        },
      );
      expect(ours).toEqual(theirs);
      expect(ours?.status).toBe("planned_and_saved");
    } finally {
      await scene.sandbox.close();
    }
  }, 120_000);

  test.each([
    ["two kinds of plan", ["-destroy", "-refresh-only"], { destroy: "true", "refresh-only": "true" }],
    [
      "refresh-only without refresh",
      ["-refresh-only", "-refresh=false"],
      { "refresh-only": "true", refresh: "false" },
    ],
    ["no address", ["-target=a b"], { target: "a b" }],
    ["replace of a module", ["-replace=module.a"], { replace: "module.a" }],
    ["replace of a data source", ["-replace=data.a.b"], { replace: "data.a.b" }],
  ])(
    "both refuse %s",
    async (_what, flags, inputs: Record<string, string>) => {
      const scene = await makeScene();
      try {
        const cli = await initialised(scene, "remote");
        expect((await cli("plan", "-input=false", ...flags)).code).toBe(1);
        expect((await scene.run({ inputs })).outputs["failure-reason"]).toBe("input");
        expect(runs(scene)).toEqual([]);
      } finally {
        await scene.sandbox.close();
      }
    },
    120_000,
  );
});
