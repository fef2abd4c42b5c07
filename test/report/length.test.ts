import { Parser } from "commonmark";
import fc from "fast-check";
import { expect, test } from "vitest";
import { renderComment } from "../../src/report/comment.ts";
import type { Report } from "../../src/report/model.ts";
import { renderSummary } from "../../src/report/summary.ts";
import { huge, output, plan, report, resource } from "./samples.ts";

const marker = "<!-- tofu-remote:v1:x -->";
const unit = fc.constantFrom(
  "`",
  "🎉",
  "é",
  "x",
  " ",
  "\n",
  "x".repeat(50),
  "🎉".repeat(20),
  "`".repeat(30),
  "long line ".repeat(110),
);
const long = fc.array(unit, { maxLength: 20 }).map((parts) => parts.join(""));
const times = fc.nat({ max: 400 });

const anyReport: fc.Arbitrary<Report> = fc
  .record({
    text: fc.array(long, { minLength: 4, maxLength: 4 }),
    many: fc.array(times, { minLength: 6, maxLength: 6 }),
  })
  .map(({ text: [a = "", b = "", c = "", d = ""], many: [m0 = 0, m1 = 0, m2 = 0, m3 = 0, m4 = 0, m5 = 0] }) =>
    report({
      target: { hostname: a, organization: b, workspace: c, directory: d, label: a },
      run: { id: a, url: `https://h.example/${"&".repeat(m0)}` },
      job: { url: `https://h.example/${"&".repeat(m1)}` },
      plan: plan(
        [
          ...Array.from({ length: m0 }, () => resource(a, { action: "delete", deposed: b })),
          ...Array.from({ length: m1 }, () =>
            resource(b, { action: "replace", replacePaths: [[a], [b], [c], [d]] }),
          ),
          ...Array.from({ length: m2 }, () => resource(c, { action: "create" })),
          ...Array.from({ length: m3 }, () => resource(d, { action: "move", previousAddress: c })),
        ],
        Array.from({ length: m4 }, () => output(a, "create")),
      ),
      options: {
        targets: Array.from({ length: m0 }, () => a),
        replace: Array.from({ length: m1 }, () => b),
        variables: Array.from({ length: m2 }, () => c),
        ...{ refresh: false, allowEmptyApply: true, terraformVersion: d, saved: true },
      },
      ...(m4 % 2 === 0 && { stateOutputs: Array.from({ length: m4 * 5 }, () => c) }),
      planLines: Array.from({ length: m5 * 20 }, () => d),
      failure: { reason: a, message: b },
      diagnostics: Array.from({ length: m5 }, (_, i) => ({
        severity: i % 2 ? "error" : "warning",
        summary: a,
        detail: b,
        snippet: c,
        address: d,
      })),
      policies: Array.from({ length: m4 }, () => ({ name: c, kind: "run-task", outcome: "failed", text: d })),
      notes: Array.from({ length: m3 }, () => a),
      archiveLines: Array.from({ length: m2 }, () => b),
    }),
  );

/** The last thing of a whole report is its small print: a fence left open would have swallowed it. */
function endsWhole(markdown: string): boolean {
  return new Parser().parse(markdown).lastChild?.type === "paragraph" && markdown.endsWith("</sub>\n");
}

test("no comment is longer than its limit, cuts a surrogate pair or leaves a fence open", () => {
  fc.assert(
    fc.property(anyReport, fc.integer({ min: 25_000, max: 60_000 }), (subject, limit) => {
      const { body, cut } = renderComment(subject, { marker, limit });
      expect(body.length).toBeLessThanOrEqual(limit);
      expect(body.isWellFormed()).toBe(true);
      expect(endsWhole(body)).toBe(true);
      for (const sentence of cut) expect(body).toContain(sentence);
    }),
    { numRuns: 100 },
  );
});

test("no summary has more bytes than its limit", () => {
  fc.assert(
    fc.property(anyReport, fc.integer({ min: 100_000, max: 1_000_000 }), (subject, limitBytes) => {
      const { body, cut } = renderSummary(subject, { limitBytes });
      expect(Buffer.byteLength(body)).toBeLessThanOrEqual(limitBytes);
      expect(endsWhole(body)).toBe(true);
      for (const sentence of cut) expect(body).toContain(sentence);
    }),
    { numRuns: 40 },
  );
});

test("the summary has the whole plan where the comment has to cut it", () => {
  const { body, cut } = renderSummary(huge);
  expect(cut).toEqual([]);
  expect(body).toContain(huge.planLines?.join("\n").trimEnd());
  expect(body).toContain("left out by .terraformignore: 3 files");
});

test("a plan above the summary's limit is cut and the cut is named", () => {
  const planLines = Array.from({ length: 40_000 }, (_, i) => `+ resource ${i} ${"é".repeat(20)}`);
  const { body, cut } = renderSummary(report({ planLines }));
  expect(Buffer.byteLength(body)).toBeGreaterThan(1_000_000);
  expect(Buffer.byteLength(body)).toBeLessThan(1024 * 1024);
  expect(cut[0]).toMatch(
    /^\*\*The plan was cut: [\d,]+ of 40,000 lines\.\*\* The whole plan is in \[the run\]/,
  );
});

test("a line of a megabyte is shortened in the comment, and that is said", () => {
  const { body, cut } = renderComment(
    report({ planLines: ["+ a", `+ b = "${"x".repeat(1_000_000)}"`, "+ c"] }),
    { marker },
  );
  expect(cut[0]).toMatch(/^\*\*1 long line of the plan cut\.\*\*/);
  expect(body).toContain("more characters)");
  expect(body).toContain("+ c");
});

test("lines that are not at hand are counted as cut, also where those at hand would fit", () => {
  const lines = ["", "+ a", ""];
  const more = { planLines: lines, morePlanLines: 5000 };
  for (const { body, cut } of [
    renderSummary(report(more)),
    renderComment(report(more), { marker: "<!-- m -->" }),
  ]) {
    expect(cut[0]).toContain("**The plan was cut: 2 of 5,002 lines.**");
    expect(body).toContain("Show the plan (2 lines)");
    expect(body).not.toContain("<details open>");
  }
});
