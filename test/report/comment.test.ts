import { describe, expect, test } from "vitest";
import { renderComment } from "../../src/report/comment.ts";
import { commentMarker } from "../../src/report/marker.ts";
import type { Report } from "../../src/report/model.ts";
import {
  createOnly,
  destroys,
  errored,
  huge,
  NO_COUNTS,
  noChanges,
  plan,
  policyFailed,
  report,
  resource,
} from "./samples.ts";

const marker = commentMarker({ hostname: "h", organization: "o", workspace: "w", directory: ".", label: "" });
const bodyOf = (subject: Report) => renderComment(subject, { marker }).body;

test.each([
  ["create-only", createOnly],
  ["destroys", destroys],
  ["destroys-hidden-values", { ...destroys, values: "hide" as const }],
  ["no-changes", noChanges],
  ["errored", errored],
  ["policy-failed", policyFailed],
  [
    "timed-out",
    report({
      verdict: "timed-out",
      failure: {
        reason: "timeout",
        message: "The run did not finish within 1h (input timeout); it was canceled.",
      },
    }),
  ],
])("the comment of a typical report: %s", async (name, subject) => {
  const { body, cut } = renderComment(subject, { marker });
  expect(cut).toEqual([]);
  await expect(body).toMatchFileSnapshot(`../fixtures/report/${name}.md`);
});

test("a huge plan: cut and said so, destroys first, every section still there", async () => {
  const { body, cut } = renderComment(huge, { marker });
  expect(body.length).toBeLessThanOrEqual(60_000);
  expect(body.length).toBeGreaterThan(55_000);
  const [sentence] = cut;
  expect(sentence).toMatch(
    /^\*\*The plan was cut: [\d,]+ of 19,999 lines\.\*\* The whole plan is in the \[job summary\]\(<.*>\) and in \[the run\]\(<.*>\)\.$/,
  );
  expect(body).toContain(sentence);
  expect(body).toContain("1,000 resources will be destroyed");
  expect(body.indexOf("module.fleet.aws_instance.node[4]")).toBeLessThan(
    body.indexOf("module.fleet.aws_instance.node[1]"),
  );
  expect(body).toContain("and 900 more, below");
  expect(body).toContain("<summary>900 more to destroy or replace</summary>");
  expect(body).toContain("- destroy module.fleet.aws_instance.node[400]");
  expect(body).toContain("and 2,975 more to create");
  expect(body).toContain("and 475 more");
  expect(body.trimEnd().endsWith("</sub>")).toBe(true);
  const beforePlan = body.slice(0, body.indexOf("<details><summary>Show the plan"));
  await expect(beforePlan).toMatchFileSnapshot("../fixtures/report/huge-beginning.md");
});

test("the marker is the first thing of the body", () => {
  expect(bodyOf(createOnly).startsWith(marker)).toBe(true);
});

test("values: hide shows no text of the log, of diagnostics or of policies, and no attribute names", () => {
  const secret = "hunter2";
  const body = bodyOf(
    report({
      values: "hide",
      counts: { ...NO_COUNTS, destroy: 1 },
      plan: plan([resource("a.b", { action: "replace", replacePaths: [[secret]] })]),
      planText: `+ password = "${secret}"`,
      diagnostics: [
        {
          severity: "error",
          summary: "Invalid value",
          detail: `The value "${secret}" is too short.`,
          snippet: `x = ${secret}`,
          file: "a.tf",
          line: 1,
        },
      ],
      policies: [{ name: "p", kind: "run-task", outcome: "failed", text: secret }],
    }),
  );
  expect(body).not.toContain(secret);
  expect(body).toContain("a.b");
  expect(body).toContain("on a.tf line 1");
});

describe("rules of the heading", () => {
  test.each<[Report["verdict"], Report["mode"], string]>([
    ["planned", "plan", "Plan"],
    ["planned", "destroy", "Destroy plan"],
    ["planned", "refresh-only", "Refresh-only plan"],
    ["no-changes", "plan", "No changes"],
    ["applied", "plan", "Applied"],
    ["errored", "plan", "Plan failed"],
    ["canceled", "plan", "Plan canceled"],
    ["discarded", "plan", "Plan discarded"],
    ["timed-out", "plan", "Plan timed out"],
    ["policy-failed", "plan", "Policy check failed"],
    ["held", "plan", "Apply held"],
    ["unknown", "plan", "Outcome unknown"],
  ])("%s of a %s", (verdict, mode, words) => {
    const [, headingLine] = bodyOf(report({ verdict, mode })).split("\n");
    expect(headingLine).toMatch(
      new RegExp(`^### \\S+ ${words} · \`acme/network-prod\` · \`infra/network\`$`),
    );
  });
});

describe("what goes away", () => {
  const cautionOf = (subject: Report) =>
    bodyOf(subject)
      .split("\n")
      .filter((line) => line.startsWith(">"))
      .join("\n");

  test("is not promised by what failed, and comes after why", () => {
    const failure = { reason: "plan-changed", message: "Nothing was applied." };
    const planText = "  # aws_instance.a will be destroyed\n  # aws_instance.c must be replaced";
    const { body } = renderComment(report({ verdict: "held", failure, planText }), { marker: "" });
    expect(body).toContain("> **1 resource to be destroyed, 1 to be replaced**");
    expect(body.indexOf(failure.message)).toBeLessThan(body.indexOf("[!CAUTION]"));
  });

  test("is read from the log's text where there is no structured plan", () => {
    const planText = [
      "  # aws_instance.a will be destroyed",
      "  # (because aws_instance.a is not in configuration)",
      '  - resource "aws_instance" "a" {',
      '  # aws_instance.b["x y"] (deposed object 0d1f2a3b) will be destroyed',
      "  # aws_instance.c must be replaced",
      "  # aws_instance.d is tainted, so must be replaced",
      "  # aws_instance.e will be replaced, as requested",
      "  # aws_instance.f will be updated in-place",
      "          # in a heredoc will be destroyed",
    ].join("\n");
    expect(cautionOf(report({ planText }))).toBe(
      [
        "> [!CAUTION]",
        "> **2 resources will be destroyed, 3 will be replaced**",
        ">",
        "> - destroy `aws_instance.a`",
        '> - destroy `aws_instance.b["x y"]` (deposed object `0d1f2a3b`)',
        "> - replace `aws_instance.c`",
        "> - replace `aws_instance.d`",
        "> - replace `aws_instance.e`",
      ].join("\n"),
    );
  });

  test("leaves out data sources, and says when the old object of a replacement is kept", () => {
    const resources = [
      resource("data.a.b", { action: "delete", mode: "data" }),
      resource("a.b", {
        action: "replace",
        replaceOrder: "forget",
        replacePaths: [["x"], ["x", 0], ["y"], ["z"], ["q"]],
      }),
    ];
    expect(cautionOf(report({ plan: plan(resources) }))).toBe(
      "> [!CAUTION]\n> **1 resource will be replaced**\n>\n> - replace `a.b`: forced by `x`, `y`, `z` and 1 more; the old object is kept, but no longer managed",
    );
  });

  test("is told in the past after an apply", () => {
    const resources = [
      resource("a.b", { action: "delete" }),
      resource("a.c", { action: "replace" }),
      resource("a.d", { action: "replace" }),
    ];
    expect(cautionOf(report({ verdict: "applied", plan: plan(resources) }))).toContain(
      "1 resource was destroyed, 2 were replaced",
    );
  });
});

test("a refresh-only plan lists what was found changed", () => {
  const drift = [
    resource("a.b", { action: "update" }),
    resource("a.c", { action: "delete" }),
    resource("a.d", { action: "no-op" }),
  ];
  const body = bodyOf(report({ mode: "refresh-only", plan: plan([], [], drift) }));
  expect(body).toContain("2 objects changed outside of this configuration.");
  expect(body).toContain("```diff\n! changed a.b\n- deleted a.c\n```");
});

test("a name with line breaks forges no line of a list", () => {
  const forged = "a.b\n+ create  everything.else";
  const body = bodyOf(
    report({
      plan: plan(
        [resource(forged, { action: "update" })],
        [{ ...resource("x", {}), name: forged, action: "create" }],
      ),
    }),
  );
  expect(body.split("\n").filter((line) => line.startsWith("+ create"))).toEqual([]);
});
