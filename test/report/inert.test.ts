import { type Node, Parser } from "commonmark";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderComment } from "../../src/report/comment.ts";
import { codeSpan, fence, link } from "../../src/report/markdown.ts";
import { commentMarker } from "../../src/report/marker.ts";
import type { Report } from "../../src/report/model.ts";
import { renderSummary } from "../../src/report/summary.ts";
import { output, plan, report, resource } from "./samples.ts";

const CANARY = "KANARI";
const HOSTILE = [
  "```", "````", "`", "``", "`".repeat(60), "~~~", "~~~~", "\n", "\n\n", "\r", "\r\n", "\u2028", "\u0085", "\t", " ", "    ",
  "</details>", "<details>", "<summary>", "</summary>", "<img src=x onerror=y>", "<!--", "-->", "<script>", "</code></pre>", "<sub>",
  "<a href=//evil.example>", "<https://evil.example>", "https://evil.example", "www.evil.example", "mail@evil.example",
  "@acme/admins", "@octocat", "#1", "acme/infra#2", "GH-3", "3f2a9c1be07d4415a1c09e5ad1c1ab0a4d9cba10", ":tada:",
  "[x](https://evil.example)", "![x](https://evil.example/a.png)", "[x]: https://evil.example", "[x]", "[^1]", "[^1]: note",
  "# heading", "heading\n===", "heading\n---", "---", "***", "> quote", "> [!NOTE]", "- item", "1. item", "- [ ] task",
  "| a | b |\n|---|---|\n| c | d |", "|", "$x$", "$$x$$", "$`x`$", "*x*", "_x_", "~~x~~", "\\", "\\`", "&lt;img&gt;", "&#96;", "&#x60;&#96;&#96;",
  "\u202e", "\u200b", "\u2066", "\u{e0041}", "\ufeff", "\ud800", "\udc00", "\u0000", "\u001b[31m", "\u001b]8;;https://evil.example\u0007", "\u009b31m",
  "x", "é", "🎉", "::error::x", "##[error]x", CANARY, CANARY,
]; // biome-ignore format: a table of fragments

const hostile = fc
  .array(
    fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...HOSTILE) },
      { weight: 1, arbitrary: fc.string({ unit: "binary" }) },
    ),
    { maxLength: 14 },
  )
  .map((parts) => parts.join(""));
const PER_REPORT = 25;
const REPORTS = 2000;

function nodesOf(markdown: string): Node[] {
  const walker = new Parser().parse(markdown).walker();
  const nodes: Node[] = [];
  for (let event = walker.next(); event !== null; event = walker.next())
    if (event.entering) nodes.push(event.node);
  return nodes;
}

function hostileReport(strings: string[]): Report {
  let next = 0;
  const text = () => strings[next++ % strings.length] ?? "";
  const policy = (outcome: "failed" | "passed") => ({
    name: text(),
    kind: "run-task" as const,
    outcome,
    text: text(),
  });
  return report({
    target: { hostname: text(), organization: text(), workspace: text(), directory: text(), label: text() },
    run: { id: text(), url: `https://app.terraform.io/${text()}` },
    commit: { sha: text(), url: `https://github.com/${text()}` },
    plan: plan(
      [
        resource("a.b", { address: text(), action: "delete", deposed: text(), actionReason: text() }),
        resource("a.b", { address: text(), action: "replace", replacePaths: [[text()], [text()]] }),
        resource("a.b", { address: text(), action: "move", previousAddress: text() }),
      ],
      [output(text(), "update")],
    ),
    // They take the place of the plan's own.
    ...((strings[0]?.length ?? 0) % 2 === 0 && { stateOutputs: [text(), text()] }),
    planLines: [text(), text()],
    failure: { reason: text(), message: text() },
    diagnostics: [
      { severity: "error", summary: text(), detail: text(), address: text(), snippet: text() },
      { severity: "warning", summary: text(), detail: text(), file: text(), line: 1 },
    ],
    policies: [policy("failed"), policy("passed")],
    cost: { before: text(), after: text(), delta: text(), matched: 1, total: 2 },
    notes: [text()],
    archiveLines: [text()],
  });
}

/** Our own HTML, letter by letter. */
const OWN_HTML = new RegExp(
  `^(${[
    "<!-- tofu-remote:v1:[\\w-]+ -->",
    "<details( open)?><summary>[\\w ,()]+</summary>",
    "</details>",
    "</?sub>",
  ].join("|")})$`,
);

function expectInert(markdown: string): void {
  const nodes = nodesOf(markdown);
  expect(nodes.filter(({ type }) => type === "heading")).toHaveLength(1);
  expect(nodes.filter(({ type }) => type === "image")).toHaveLength(0);
  for (const node of nodes) {
    if (node.type === "html_block" || node.type === "html_inline")
      expect(node.literal?.trim()).toMatch(OWN_HTML);
    if (node.type === "link")
      expect(node.destination).toMatch(/^https:\/\/(github\.com|app\.terraform\.io)\//);
    if (node.type === "code_block") expect(["diff", "text"]).toContain(node.info);
    if (node.type === "text")
      expect(node.literal).not.toMatch(/KANARI|@|#\d|\$|www\.|:\/\/|evil|octocat|:tada:|\|/);
  }
  const last = nodes.filter(({ type }) => type === "html_inline").at(-1);
  expect(last?.literal).toBe("</sub>");
  expect(markdown.isWellFormed()).toBe(true);
  expect(markdown).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}]|[\u2028\u2029]/u);
}

describe(`comment and summary stay inert whatever stands in them (${REPORTS * PER_REPORT} strings in each)`, () => {
  const marker = commentMarker({
    hostname: "h",
    organization: "o",
    workspace: "w",
    directory: ".",
    label: "",
  });
  const strings = fc.array(hostile, { minLength: PER_REPORT, maxLength: PER_REPORT });

  test("comment", () => {
    fc.assert(
      fc.property(strings, (foreign) => expectInert(renderComment(hostileReport(foreign), { marker }).body)),
      { numRuns: REPORTS },
    );
  });

  test("summary", () => {
    fc.assert(
      fc.property(strings, (foreign) => expectInert(renderSummary(hostileReport(foreign)).body)),
      { numRuns: REPORTS },
    );
  });

  test("comment with more destroys than are listed", () => {
    const property = fc.property(strings, (foreign) => {
      const resources = Array.from({ length: 130 }, (_, i) =>
        resource("a.b", { address: foreign[i % PER_REPORT] ?? "", action: "delete" }),
      );
      const { body } = renderComment({ ...hostileReport(foreign), plan: plan(resources) }, { marker });
      expect(body).toContain("more to destroy or replace</summary>");
      expectInert(body);
    });
    fc.assert(property, { numRuns: 50 });
  });

  test("the oracle sees what is not inert", () => {
    for (const bad of [
      "# second",
      "![x](https://x.example)",
      "<img src=x>",
      "hello @octocat",
      "```mermaid\nx\n```",
    ]) {
      const { body } = renderComment(report({}), { marker });
      expect(() => expectInert(body.replace("<sub>", `${bad}\n\n<sub>`))).toThrow();
    }
  });
});

test("a code span and a fence give back exactly the visible text", () => {
  const visible = fc.string({
    unit: fc.constantFrom("`", "``", "a", "|", "\\", "<", "&amp;", "~"),
    maxLength: 30,
  });
  fc.assert(
    fc.property(visible, (text) => {
      const nodes = nodesOf(`${codeSpan(text)}\n\n${fence(text, "text")}`);
      expect(nodes.find(({ type }) => type === "code")?.literal).toBe(text === "" ? " " : text);
      expect(nodes.find(({ type }) => type === "code_block")?.literal).toBe(`${text}\n`);
    }),
  );
});

test.each([
  ["https://h.example/a?b=c&d=e", "[x](<https://h.example/a?b=c&amp;d=e>)"],
  ["http://ghes.internal:8080/o/r", "[x](<http://ghes.internal:8080/o/r>)"],
  ["javascript:alert(1)", "x"],
  ["https://user:pw@h.example/", "x"],
  ["https://h.example/a b", "x"],
  ["https://h.example/>x", "x"],
  [`https://h.example/${"a".repeat(600)}`, "x"],
  [undefined, "x"],
])("a link is made of a plain address only: %s", (address, expected) => {
  expect(link("x", address)).toBe(expected);
});
