import { afterEach, describe, expect, test } from "vitest";
import type { ProfileName } from "../sandbox/profiles.ts";
import { applicable, confirmations, merge, onMerge, review, statuses } from "./merge.ts";
import { everything, liveRuns, log, makeScene, type Scene, scripted } from "./scene.ts";

let scene: Scene;
afterEach(() => scene.sandbox.close());

type Body = { data: { attributes: Record<string, unknown> } };

/** Attributes of the runs that were asked for, as they were on the wire, without the message. */
function sent(): Record<string, unknown>[] {
  return scene.sandbox.requests
    .filter(({ method, path }) => method === "POST" && path.endsWith("/runs"))
    .map(({ json }) => {
      const { message: _, ...attributes } = (json as Body).data.attributes;
      return attributes;
    });
}

/** Requests that make or change something on the server. */
function writes(): string[] {
  return scene.sandbox.requests
    .filter(({ server, method }) => server === "tfe" && method !== "GET")
    .map(({ method, path }) => `${method} ${path}`);
}

const planOnly = { "plan-only": true, "auto-apply": false, refresh: true };

describe("each option is on the wire and in the comment", () => {
  test.each<[string, Record<string, string>, Record<string, unknown>, RegExp[]]>([
    ["none", {}, planOnly, [/### 📋 Plan · /]],
    [
      "target",
      { target: 'terraform_data.a[ "x" ]\nmodule.b' },
      { ...planOnly, "target-addrs": ['terraform_data.a["x"]', "module.b"] },
      [/### 📋 Targeted plan · /, /Targeted, nothing else is planned: `terraform_data.a\["x"\]`, `module.b`/],
    ],
    [
      "replace",
      { replace: "terraform_data.greeting" },
      { ...planOnly, "replace-addrs": ["terraform_data.greeting"] },
      [/To be replaced as requested: `terraform_data.greeting`/],
    ],
    [
      "refresh: false",
      { refresh: "false" },
      { ...planOnly, refresh: false },
      [/without reading the real objects/],
    ],
    [
      "refresh-only",
      { "refresh-only": "true" },
      { ...planOnly, "refresh-only": true },
      [/### 📋 Refresh-only plan · /],
    ],
    [
      "destroy of a target",
      { destroy: "true", target: "terraform_data.greeting" },
      { ...planOnly, "is-destroy": true, "target-addrs": ["terraform_data.greeting"] },
      [/### 📋 Targeted destroy plan · /],
    ],
    [
      "terraform-version",
      { "terraform-version": "1.10.5" },
      { ...planOnly, "terraform-version": "1.10.5" },
      [/Planned with version `1.10.5`/],
    ],
    [
      "allow-empty-apply",
      { "allow-empty-apply": "true" },
      { ...planOnly, "allow-empty-apply": true },
      [/Applied even without changes/],
    ],
  ])("%s", async (_what, inputs, attributes, told) => {
    scene = await makeScene();
    scene.sandbox.script("demo", scripted(["Plan: 1 to add, 0 to change, 0 to destroy."]));
    const result = await scene.run({ inputs });
    expect([result.exitCode, result.annotations]).toEqual([0, []]);
    expect(sent()).toEqual([attributes]);
    const [comment] = scene.sandbox.github.comments();
    for (const text of told) {
      expect(comment?.body).toMatch(text);
      expect(result.summary).toMatch(text);
    }
    expect(liveRuns(scene.sandbox)).toEqual([]);
  });

  test("message", async () => {
    scene = await makeScene();
    scene.sandbox.script("demo", scripted(["Plan: 1 to add, 0 to change, 0 to destroy."]));
    await scene.run({ inputs: { message: "A plan of mine" } });
    expect(scene.sandbox.world.runs[0]?.attributes.message).toMatch(/^A plan of mine · .*acme\/infra#1@/);
  });

  test("a plan of other options is the same comment", async () => {
    scene = await makeScene();
    for (const inputs of [{}, { destroy: "true" }]) {
      scene.sandbox.script("demo", scripted(["Plan: 1 to add, 0 to change, 0 to destroy."]));
      await scene.run({ inputs });
    }
    expect(scene.sandbox.github.comments().map(({ body }) => /Destroy plan/.test(body))).toEqual([true]);
  });

  test("no changes of a targeted plan are not those of everything", async () => {
    scene = await makeScene();
    scene.sandbox.script("demo", {
      plan: log(["No changes. Your infrastructure matches the configuration."]),
      hasChanges: false,
      planJson: { format_version: "1.2", resource_changes: [], output_changes: {} },
    });
    const result = await scene.run({ inputs: { target: "terraform_data.greeting" } });
    expect(result.outputs["status"]).toBe("no-changes");
    expect(scene.sandbox.github.comments()[0]?.body).toContain("What is targeted matches the configuration.");
  });
});

describe("what cannot be is refused before anything is uploaded", () => {
  test.each<[string, ProfileName, Record<string, string>, string, RegExp]>([
    [
      "destroy and refresh-only",
      "hcp",
      { destroy: "true", "refresh-only": "true" },
      "input",
      /exclude each other/,
    ],
    ["no address", "hcp", { target: "not an address" }, "input", /"target" has "not an address"/],
    [
      "a version for an apply",
      "hcp",
      { command: "apply", "terraform-version": "1.9.0" },
      "input",
      /plans only/,
    ],
    ["replace of a destroy", "hcp", { command: "destroy", replace: "a.b" }, "input", /"replace".*"destroy"/],
    ["refresh-only on OTF", "otf", { "refresh-only": "true" }, "unsupported", /ignores it/],
    [
      "refresh-only on OTF, applied",
      "otf",
      { command: "apply", "refresh-only": "true" },
      "unsupported",
      /ignores it/,
    ],
    [
      "a destroy plan on Terrakube",
      "terrakube",
      { destroy: "true" },
      "unsupported",
      /waits for its approval/,
    ],
    ["a version on Terrakube", "terrakube", { "terraform-version": "1.9.0" }, "unsupported", /ignores it/],
  ])("%s", async (_what, profile, inputs, reason, message) => {
    scene = await makeScene({ profile });
    const result = await scene.run({ inputs });
    expect([result.exitCode, result.outputs]).toEqual([
      1,
      expect.objectContaining({ status: "errored", "failure-reason": reason }),
    ]);
    expect(result.annotations.map((annotation) => annotation.level)).toEqual(["error"]);
    expect(result.annotations[0]?.message).toMatch(message);
    expect(writes()).toEqual([]);
  });

  test("an API too old for the option", async () => {
    scene = await makeScene();
    scene.sandbox.world.profile.pingHeaders = {
      "tfp-api-version": "2.2",
      "tfp-appname": "Terraform Enterprise",
    };
    const result = await scene.run({ inputs: { target: "a.b" } });
    expect(result.outputs["failure-reason"]).toBe("unsupported");
    expect(result.annotations[0]?.message).toMatch(/does not support the input "target".*2\.2.*2\.3/);
    expect(writes()).toEqual([]);
  });
});

describe("a server that takes an option and ignores it", () => {
  test("plan: an error, though the plan itself was made", async () => {
    scene = await makeScene();
    scene.sandbox.world.profile.ignoredRunAttributes = ["refresh-only"];
    scene.sandbox.script("demo", applicable());
    const result = await scene.run({ inputs: { "refresh-only": "true" } });
    expect([result.exitCode, result.outputs["failure-reason"]]).toEqual([1, "unsupported"]);
    expect(result.annotations[0]?.message).toContain("without them: refresh-only");
    expect(liveRuns(scene.sandbox)).toEqual([]);
  });

  test("apply: held, and the run is removed", async () => {
    scene = await makeScene();
    scene.sandbox.world.profile.ignoredRunAttributes = ["refresh-only"];
    merge(scene);
    scene.sandbox.script("demo", applicable());
    const result = await scene.run(onMerge({ "refresh-only": "true", "auto-approve": "true" }));
    expect([result.exitCode, result.outputs]).toEqual([
      1,
      expect.objectContaining({ status: "held", "failure-reason": "unsupported", applied: "false" }),
    ]);
    expect(confirmations(scene)).toBe(0);
    expect(liveRuns(scene.sandbox)).toEqual([]);
  });

  test("a plan that is made one that can be applied is stopped at once", async () => {
    scene = await makeScene();
    scene.sandbox.world.profile.destroyNeverPlanOnly = true;
    scene.sandbox.script("demo", applicable());
    const result = await scene.run({ inputs: { destroy: "true" } });
    expect([result.exitCode, result.outputs["failure-reason"]]).toEqual([1, "unsupported"]);
    expect(liveRuns(scene.sandbox)).toEqual([]);
  });

  test("allow-empty-apply, of no consequence for a plan, is a warning", async () => {
    scene = await makeScene({ profile: "otf" });
    scene.sandbox.script("demo", applicable());
    const result = await scene.run({ inputs: { "allow-empty-apply": "true" } });
    expect(result.exitCode).toBe(0);
    expect(result.annotations.map(({ level, message }) => [level, message])).toEqual([
      ["warning", expect.stringContaining('"allow-empty-apply" and ignores it')],
    ]);
  });
});

describe("what was reviewed with other options is not applied", () => {
  const held = { status: "held", "failure-reason": "no-reviewed-plan", applied: "false" };

  test("a reviewed destroy is destroyed, and reported as one", async () => {
    scene = await makeScene();
    scene.sandbox.script("demo", applicable());
    scene.sandbox.github.pull({ headSha: "b".repeat(40) });
    await scene.run({ inputs: { destroy: "true" } });
    merge(scene);
    scene.sandbox.script("demo", applicable());
    const result = await scene.run(onMerge({ command: "destroy" }));
    expect([result.exitCode, result.outputs["status"], result.outputs["applied"]]).toEqual([
      0,
      "applied",
      "true",
    ]);
    expect(sent().at(-1)).toEqual({
      refresh: true,
      "is-destroy": true,
      "plan-only": false,
      "auto-apply": false,
    });
    expect(scene.sandbox.github.comments()[0]?.body).toContain("### ✅ Destroyed · ");
  });

  test.each<[string, Record<string, string>, Record<string, string>, string]>([
    ["destroy of a reviewed plan", {}, { command: "destroy" }, "destroy"],
    ["apply of a reviewed destroy", { destroy: "true" }, {}, "destroy"],
    ["another target", { target: "a.b" }, { target: "a.c" }, "target"],
    ["no refresh", {}, { refresh: "false" }, "refresh"],
  ])("%s", async (_what, reviewed, asked, option) => {
    scene = await makeScene();
    scene.sandbox.script("demo", applicable());
    scene.sandbox.github.pull({ headSha: "b".repeat(40) });
    await scene.run({ inputs: reviewed });
    merge(scene);
    const result = await scene.run(onMerge(asked));
    expect([result.exitCode, result.outputs]).toEqual([1, expect.objectContaining(held)]);
    expect(everything(result)).toContain(`planned with other options than this apply has: ${option}.`);
    expect(statuses(scene)).toEqual(["planned_and_finished"]);
  });

  test("an empty apply that was reviewed as such is confirmed", async () => {
    scene = await makeScene();
    const nothing = {
      ...applicable({ format_version: "1.2", resource_changes: [], output_changes: {} }),
      hasChanges: false,
    };
    await review(scene, nothing);
    merge(scene);
    scene.sandbox.script("demo", nothing);
    const result = await scene.run(onMerge({ "allow-empty-apply": "true" }));
    expect([result.exitCode, result.outputs["status"]]).toEqual([0, "applied"]);
  });
});
