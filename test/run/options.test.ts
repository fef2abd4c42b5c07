import { describe, expect, test } from "vitest";
import { factsOf } from "../../src/api/facts.ts";
import type { ServerFacts } from "../../src/api/server-facts.ts";
import type { Run, Workspace } from "../../src/api/types.ts";
import { Failure } from "../../src/failure.ts";
import { checkOptions, lostOptions } from "../../src/run/option-limits.ts";
import { attributesOf, type GivenOptions, type RunOptions, readOptions } from "../../src/run/options.ts";
import { savesPlan } from "../../src/run/saved-plan.ts";

const run: Run = {
  ...{
    id: "run-1",
    status: "planned_and_finished",
    message: "",
    isDestroy: false,
    planOnly: true,
    autoApply: false,
  },
  ...{ hasChanges: true, positionInQueue: 0, workspaceId: "ws-1", configurationVersionId: "cv-1" },
  ...{
    planId: "plan-1",
    applyId: undefined,
    costEstimateId: undefined,
    policyCheckIds: [],
    taskStageIds: [],
  },
  actions: { isCancelable: false, isConfirmable: false, isDiscardable: false },
  permissions: { canApply: true, canCancel: true, canDiscard: true },
  statusTimestamps: {},
};
const able: Workspace = {
  ...{ id: "ws-1", name: "demo", executionMode: "remote", workingDirectory: "", terraformVersion: "1.11.4" },
  ...{
    autoApply: false,
    locked: false,
    vcsConnected: false,
    structuredRunOutput: false,
    currentRunId: undefined,
  },
  permissions: { canQueueRun: true, canUpdate: true, canQueueApply: true },
};

const NONE: GivenOptions = {
  ...{ destroy: false, refreshOnly: false, refresh: true, target: [], replace: [] },
  ...{ allowEmptyApply: false, terraformVersion: undefined, savePlan: "auto" },
};
const planOptions = (given: Partial<GivenOptions> = {}) =>
  readOptions({ ...NONE, ...given }, { applies: false });

function failureOf(action: () => unknown): Failure {
  try {
    action();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

const evidence = { hostname: "h.example", appName: undefined, apiVersion: "2.6", tfeVersion: undefined };
const servers: Record<string, ServerFacts> = {
  hcp: factsOf({ ...evidence, basePath: "/api/v2/", appName: "HCP Terraform" }),
  otf: factsOf({ ...evidence, basePath: "/api/v2/", apiVersion: "2.5" }),
  terrakube: factsOf({ ...evidence, basePath: "/remote/tfe/v2/", appName: "Terrakube", apiVersion: "2.5" }),
};
const facts = (name: string, more: Partial<ServerFacts> = {}): ServerFacts => {
  const found = servers[name];
  if (found === undefined) throw new Error(name);
  return { ...found, ...more };
};

describe("what contradicts itself is one input error", () => {
  test.each<[string, Partial<GivenOptions>, boolean, RegExp]>([
    ["destroy and refresh-only", { destroy: true, refreshOnly: true }, false, /"destroy" and "refresh-only"/],
    [
      "refresh-only without refresh",
      { refreshOnly: true, refresh: false },
      false,
      /"refresh-only".*"refresh: false"/,
    ],
    ["replace and destroy", { replace: ["a.b"], destroy: true }, false, /"replace".*"destroy"/],
    ["replace and refresh-only", { replace: ["a.b"], refreshOnly: true }, false, /"replace".*"refresh-only"/],
    ["terraform-version and apply", { terraformVersion: "1.9.0" }, true, /"terraform-version".*plans only/],
    [
      "terraform-version and a saved plan",
      { terraformVersion: "1.9.0", savePlan: "true" },
      false,
      /"save-plan: true"/,
    ],
    [
      "a version that is a constraint",
      { terraformVersion: "~> 1.9" },
      false,
      /"terraform-version" has "~> 1.9"/,
    ],
    ["a target that is no address", { target: ["a.b", "a b"] }, false, /"target" has "a b"/],
    ["a replace that is no address", { replace: ["a"] }, false, /"replace" has "a"/],
    ["a replace that is a module", { replace: ["module.a"] }, false, /names a module/],
    ["a replace that is a data source", { replace: ["data.a.b"] }, false, /names a data source/],
  ])("%s", (_what, given, applies, message) => {
    const failure = failureOf(() => readOptions({ ...NONE, ...given }, { applies }));
    expect(failure.reason).toBe("input");
    expect(failure.message).toMatch(message);
  });
});

describe("attributes of the run", () => {
  test.each<[string, Partial<GivenOptions>, ReturnType<typeof attributesOf>]>([
    ["none given", {}, { refresh: true }],
    ["destroy", { destroy: true }, { refresh: true, "is-destroy": true }],
    ["refresh-only", { refreshOnly: true }, { refresh: true, "refresh-only": true }],
    ["no refresh", { refresh: false }, { refresh: false }],
    ["targets", { target: ["a.b", "module.c"] }, { refresh: true, "target-addrs": ["a.b", "module.c"] }],
    ["replace", { replace: ["resource.a.b"] }, { refresh: true, "replace-addrs": ["a.b"] }],
    ["allow-empty-apply", { allowEmptyApply: true }, { refresh: true, "allow-empty-apply": true }],
    ["terraform-version", { terraformVersion: "1.9.0" }, { refresh: true, "terraform-version": "1.9.0" }],
  ])("%s", (_what, given, attributes) => {
    expect(attributesOf(planOptions(given))).toEqual(attributes);
  });

  test("variables", () => {
    const variables = [{ key: "a", value: '"b"' }];
    expect(attributesOf({ ...planOptions(), variables })).toEqual({ refresh: true, variables });
  });
});

describe("what a server cannot do is refused before anything is uploaded", () => {
  const variables = [{ key: "a", value: "1" }];
  const rows: [string, string, Partial<RunOptions>, boolean, "refused" | "warned" | "taken"][] = [
    ["hcp", "refresh-only", { mode: "refresh-only" }, false, "taken"],
    ["hcp", "destroy", { mode: "destroy" }, false, "taken"],
    ["hcp", "allow-empty-apply", { allowEmptyApply: true }, true, "taken"],
    ["hcp", "variables", { variables }, true, "taken"],
    ["otf", "refresh-only", { mode: "refresh-only" }, false, "refused"],
    ["otf", "refresh-only", { mode: "refresh-only" }, true, "refused"],
    ["otf", "destroy", { mode: "destroy" }, false, "taken"],
    ["otf", "variables", { variables }, false, "taken"],
    ["otf", "allow-empty-apply", { allowEmptyApply: true }, false, "warned"],
    ["otf", "allow-empty-apply", { allowEmptyApply: true }, true, "refused"],
    ["terrakube", "destroy", { mode: "destroy" }, false, "refused"],
    ["terrakube", "destroy", { mode: "destroy" }, true, "taken"],
    ["terrakube", "variables", { variables }, false, "refused"],
    ["terrakube", "terraform-version", { terraformVersion: "1.9.0" }, false, "refused"],
    ["terrakube", "target", { targets: ["a.b"] }, false, "taken"],
  ];
  test.each(rows)("%s: %s", (server, input, given, applies, expected) => {
    const ask = () =>
      checkOptions({ ...planOptions(), ...given }, { hostname: "h.example", facts: facts(server), applies });
    if (expected === "refused") {
      const failure = failureOf(ask);
      expect(failure.reason).toBe("unsupported");
      expect(failure.message).toContain(`"${input}"`);
    } else {
      expect(ask().map((warning) => warning.includes(`"${input}"`))).toEqual(
        expected === "warned" ? [true] : [],
      );
    }
  });

  test.each<[string, Partial<RunOptions>, string | undefined, boolean]>([
    ["target", { targets: ["a.b"] }, "2.2", false],
    ["target", { targets: ["a.b"] }, "2.3", true],
    ["target", { targets: ["a.b"] }, undefined, false],
    ["target", { targets: ["a.b"] }, "new", false],
    ["target", { targets: ["a.b"] }, "3.0", true],
    ["target", { targets: ["a.b"] }, "2.10", true],
    ["target", { targets: ["a.b"] }, "1.9", false],
    ["replace", { replace: ["a.b"] }, "2.3", false],
    ["replace", { replace: ["a.b"] }, "2.4", true],
    ["refresh: false", { refresh: false }, "2.3", false],
    ["refresh-only", { mode: "refresh-only" }, "2.3", false],
    ["destroy", { mode: "destroy" }, undefined, true],
  ])("%s with %j on a server of API version %s", (input, given, apiVersion, taken) => {
    const ask = () =>
      checkOptions(
        { ...planOptions(), ...given },
        { hostname: "h.example", facts: facts("hcp", { apiVersion }), applies: false },
      );
    if (taken) expect(ask()).toEqual([]);
    else
      expect(failureOf(ask).message).toMatch(
        new RegExp(`^The host h.example does not support the input "${input}"`),
      );
  });
});

describe("what the run says of its options", () => {
  test.each<[string, Partial<RunOptions>, Partial<Run>, ReturnType<typeof lostOptions>]>([
    ["nothing given", {}, {}, { changed: [], untold: [] }],
    [
      "kept in another order",
      { targets: ["a.b", "c.d"] },
      { targetAddrs: ["c.d", "a.b"] },
      { changed: [], untold: [] },
    ],
    [
      "one target lost",
      { targets: ["a.b", "c.d"] },
      { targetAddrs: ["a.b"] },
      { changed: ["target"], untold: [] },
    ],
    [
      "replace not told",
      { replace: ["a.b"] },
      { replaceAddrs: undefined },
      { changed: [], untold: ["replace"] },
    ],
    [
      "refresh-only ignored",
      { mode: "refresh-only" },
      { refreshOnly: false },
      { changed: ["refresh-only"], untold: [] },
    ],
    ["destroy ignored", { mode: "destroy" }, { isDestroy: false }, { changed: ["destroy"], untold: [] }],
    ["refresh anyway", { refresh: false }, { refresh: true }, { changed: ["refresh: false"], untold: [] }],
    [
      "another version",
      { terraformVersion: "1.9.0" },
      { terraformVersion: "1.11.4" },
      { changed: ["terraform-version"], untold: [] },
    ],
    [
      "variables lost",
      { variables: [{ key: "a", value: "1" }] },
      { variables: [] },
      { changed: ["variables"], untold: [] },
    ],
    [
      "variables hidden",
      { variables: [{ key: "a", value: "1" }] },
      { variables: undefined },
      { changed: [], untold: ["variables"] },
    ],
  ])("%s", (_what, given, told, expected) => {
    expect(lostOptions({ ...planOptions(), ...given }, { ...run, ...told })).toEqual(expected);
  });
});

describe("saved plans", () => {
  const place = { facts: facts("hcp"), hostname: "h.example", workspace: able, applyCanFollow: true };
  const noRight = { ...able, permissions: { ...able.permissions, canQueueApply: false } };
  const untold = { ...able, permissions: { ...able.permissions, canQueueApply: undefined } };
  test.each<[string, Partial<GivenOptions>, Partial<typeof place>, boolean | "unsupported" | "forbidden"]>([
    ["auto, all there", {}, {}, true],
    ["auto, no apply can follow", {}, { applyCanFollow: false }, false],
    ["auto, a token that may only plan", {}, { workspace: noRight }, false],
    ["auto, rights not told", {}, { workspace: untold }, false],
    ["auto, a workspace with a VCS connection", {}, { workspace: { ...able, vcsConnected: true } }, false],
    ["auto, with another version", { terraformVersion: "1.9.0" }, {}, false],
    ["auto, on OTF", {}, { facts: facts("otf") }, false],
    ["auto, on Terrakube", {}, { facts: facts("terrakube") }, false],
    ["false", { savePlan: "false" }, {}, false],
    ["true", { savePlan: "true" }, { applyCanFollow: false }, true],
    ["true, on OTF", { savePlan: "true" }, { facts: facts("otf") }, "unsupported"],
    [
      "true, a workspace with a VCS connection",
      { savePlan: "true" },
      { workspace: { ...able, vcsConnected: true } },
      "unsupported",
    ],
    ["true, a token that may only plan", { savePlan: "true" }, { workspace: noRight }, "forbidden"],
  ])("%s", (_what, given, at, expected) => {
    const ask = () => savesPlan(planOptions(given), { ...place, ...at });
    if (typeof expected === "boolean") expect(ask()).toBe(expected);
    else expect(failureOf(ask).reason).toBe(expected);
  });
});
