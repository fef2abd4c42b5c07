import { resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { splitWords } from "../src/command-line.ts";
import { Failure } from "../src/failure.ts";
import { parseBoolean, parseDuration } from "../src/input-values.ts";
import { readInputs } from "../src/inputs.ts";

const given = (values: Record<string, string>) => readInputs(resolve("/repo"), (name) => values[name] ?? "");
const failure = (values: Record<string, string>): Failure => {
  try {
    given(values);
  } catch (error) {
    if (error instanceof Failure) return error;
  }
  throw new Error("accepted");
};

describe("inputs", () => {
  test("nothing given: the defaults of action.yml", () => {
    expect(given({})).toEqual({
      command: "plan",
      arguments: [],
      stdin: "",
      directory: resolve("/repo"),
      token: undefined,
      hostname: undefined,
      organization: undefined,
      workspace: undefined,
      backendConfig: [],
      variables: [],
      varFiles: [],
      target: [],
      replace: [],
      refresh: true,
      refreshOnly: false,
      destroy: false,
      allowEmptyApply: false,
      ignoreRemoteVersion: false,
      terraformVersion: undefined,
      savePlan: "auto",
      message: undefined,
      ignore: [""],
      timeoutMs: 3_600_000,
      queueTimeoutMs: 3_600_000,
      githubToken: undefined,
      comment: "update",
      commentValues: "show",
      label: "",
      summary: true,
      annotations: true,
      writePlanJson: false,
      runId: "",
      requireSameArchive: false,
      autoApprove: false,
      cancelApply: false,
    });
  });

  test("the working directory is relative to the workspace", () => {
    expect(given({ "working-directory": "infra/prod" }).directory).toBe(resolve("/repo/infra/prod"));
  });

  test("waiting for its turn takes as long as the whole at most", () => {
    expect(given({ timeout: "10m" }).queueTimeoutMs).toBe(600_000);
    expect(given({ timeout: "10m", "queue-timeout": "1h" }).queueTimeoutMs).toBe(600_000);
    expect(given({ timeout: "10m", "queue-timeout": "90s" }).queueTimeoutMs).toBe(90_000);
  });

  test.each([
    ["command", "aply", "one of plan, apply, destroy"],
    ["comment", "always", "one of update, new, changes-only, off"],
    ["comment-values", "none", "one of show, hide"],
    ["summary", "yes", "true or false"],
    ["annotations", "0", "true or false"],
    ["require-same-archive", "1", "true or false"],
    ["auto-approve", "yes", "true or false"],
    ["timeout", "ten minutes", "a duration such as 90s"],
    ["queue-timeout", "-5m", "a duration such as 90s"],
  ])("%s: %j is refused by name, value and what is allowed", (name, value, allowed) => {
    const { reason, message } = failure({ [name]: value });
    expect(reason).toBe("input");
    expect(message).toContain(`"${name}" is ${JSON.stringify(value)}`);
    expect(message).toContain(allowed);
  });
});

describe("command lines", () => {
  test.each([
    ["state list", ["state", "list"]],
    ['state show aws_instance.a["b"]', ["state", "show", 'aws_instance.a["b"]']],
    [`state mv 'module.a["x y"].b' module.c`, ["state", "mv", 'module.a["x y"].b', "module.c"]],
    ['console -var "a=1 2"', ["console", "-var", "a=1 2"]],
    ["import aws_s3_bucket.b\n  an id with spaces \n", ["import", "aws_s3_bucket.b", "an id with spaces"]],
    ["fmt -check -diff '' .", ["fmt", "-check", "-diff", "", "."]],
    ["taint it's", ["taint", "it's"]],
  ])("%j", (text, words) => expect(splitWords(text)).toEqual(words));

  test("other commands of OpenTofu are for the binary, arguments and all", () => {
    expect(given({ command: "state list" })).toMatchObject({ command: "tofu", arguments: ["state", "list"] });
    expect(given({ command: "output name" })).toMatchObject({ command: "output", arguments: ["name"] });
    expect(given({ command: "cleanup discard" })).toMatchObject({
      command: "cleanup",
      arguments: ["discard"],
    });
  });

  test("options of a plan are inputs", () => {
    expect(failure({ command: "plan -destroy" }).message).toContain("its options are inputs");
  });
});

describe("durations", () => {
  test.each([
    ["90s", 90_000],
    ["30m", 1_800_000],
    ["1h30m", 5_400_000],
    ["1h0m1s", 3_601_000],
    ["576h", 2_073_600_000],
  ])("%s", (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds));

  test.each(["", "0s", "0h0m", "10", "1.5h", "1m1h", "30 m", "1d", "s", "577h", "1H", "٣m"])(
    "%j is none",
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  test("hours, minutes and seconds add up", () => {
    fc.assert(
      fc.property(fc.nat(500), fc.nat(59), fc.nat(59), (h, m, s) => {
        fc.pre(h + m + s > 0);
        expect(parseDuration(`${h}h${m}m${s}s`)).toBe(((h * 60 + m) * 60 + s) * 1000);
      }),
    );
  });
});

test.each([
  ["true", true],
  ["True", true],
  ["TRUE", true],
  ["false", false],
  ["False", false],
  ["FALSE", false],
  ["tRUE", undefined],
  ["yes", undefined],
  ["on", undefined],
  ["1", undefined],
  ["", undefined],
] as const)("boolean %j → %s", (text, value) => expect(parseBoolean(text)).toBe(value)); // prettier-ignore
