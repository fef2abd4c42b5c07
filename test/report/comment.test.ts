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
  await expect(body).toMatchFileSnapshot(`snapshots/${name}.md`);
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
  expect(body).toContain("and 900 more");
  expect(body).toContain("and 2,975 more to create");
  expect(body).toContain("and 475 more");
  expect(body.trimEnd().endsWith("</sub>")).toBe(true);
  await expect(`${body.slice(0, 9000)}\n[…]\n`).toMatchFileSnapshot("snapshots/huge-beginning.md");
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
