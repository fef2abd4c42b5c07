import { readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import type { JsonValue } from "../../src/json.ts";
import { applicable, merge, onMerge, planOf, review } from "./merge.ts";
import { everything, makeScene, type Scene } from "./scene.ts";

let scene: Scene;
afterEach(() => scene.sandbox.close());

type Declared = Record<string, { value: JsonValue; type: JsonValue; sensitive?: boolean }>;

const OUTPUTS: Declared = {
  greeting: { value: "hello\n```\n@mona <img>", type: "string" },
  ids: { value: ["a"], type: ["list", "string"] },
  secret: { value: "top-secret-value", type: "string", sensitive: true },
};

const stateOf = (outputs: Declared) =>
  JSON.stringify({ version: 4, terraform_version: "1.5.0", serial: 1, lineage: "l", outputs, resources: [] });

async function applied(profile: "hcp" | "otf", outputs: Declared, inputs: Record<string, string> = {}) {
  scene = await makeScene({ profile });
  await review(scene);
  merge(scene);
  scene.sandbox.script("demo", { ...applicable(), state: stateOf(outputs) });
  return scene.run(onMerge(inputs));
}

test.each(["hcp", "otf"] as const)(
  "%s: outputs, file, comment and summary after an apply",
  async (profile) => {
    const result = await applied(profile, OUTPUTS);
    expect(result.outputs).toMatchObject({ status: "applied", applied: "true" });
    expect(JSON.parse(result.outputs["outputs"] ?? "")).toEqual({
      greeting: OUTPUTS["greeting"]?.value,
      ids: ["a"],
    });
    const file: unknown = JSON.parse(readFileSync(result.outputs["outputs-file"] ?? "", "utf8"));
    expect(file).toHaveProperty("secret", "top-secret-value");
    expect(result.masks).toContain("top-secret-value");
    const body = scene.sandbox.github.comments()[0]?.body ?? "";
    const section =
      'Outputs:\n\n````text\ngreeting = <<EOT\nhello\n```\n@mona <img>\nEOT\nids = tolist([\n  "a",\n])\nsecret = <sensitive>\n````';
    expect(body).toContain(section);
    expect(result.summary).toContain(section);
    for (const shown of [body, everything(result)]) expect(shown).not.toContain("top-secret-value");
  },
);

test("with comment-values: hide, the names only", async () => {
  const result = await applied("hcp", OUTPUTS, { "comment-values": "hide" });
  expect(result.summary).toContain("greeting = <hidden>\nids = <hidden>\nsecret = <sensitive>\n");
  expect(JSON.parse(result.outputs["outputs"] ?? "")).toHaveProperty("ids", ["a"]);
});

test("outputs without end are cut in the comment", async () => {
  const many = Object.fromEntries(
    Array.from({ length: 400 }, (_, index) => [
      `output_${index}`,
      { value: "v".repeat(500), type: "string" },
    ]),
  );
  await applied("hcp", many);
  const body = scene.sandbox.github.comments()[0]?.body ?? "";
  expect(body.length).toBeLessThan(60_000);
  expect(body).toMatch(/… and 39\d more lines\n```/);
});

test("outputs that cannot be read are a note; the apply is applied all the same", async () => {
  scene = await makeScene();
  await review(scene);
  merge(scene);
  scene.sandbox.script("demo", { ...applicable(), state: stateOf(OUTPUTS) });
  scene.sandbox.faults.add(
    { path: "/current-state-version-outputs", nth: 1 },
    { kind: "answer", status: 403, headers: {}, body: "{}" },
  );
  const result = await scene.run(onMerge());
  expect(result.outputs).toMatchObject({ status: "applied", outputs: "", "outputs-file": "" });
  expect(result.exitCode).toBe(0);
  expect(result.summary).toContain("The outputs of the state could not be read");
});

test("nothing to apply: the outputs are there, too", async () => {
  scene = await makeScene();
  scene.sandbox.setState("demo", stateOf(OUTPUTS));
  const nothing = { ...applicable(planOf("hello", { actions: ["no-op"] })), hasChanges: false };
  await review(scene, nothing);
  merge(scene);
  scene.sandbox.script("demo", nothing);
  const result = await scene.run(onMerge());
  expect(result.outputs["status"]).toBe("no-changes");
  expect(JSON.parse(result.outputs["outputs"] ?? "")).toHaveProperty("ids", ["a"]);
});
