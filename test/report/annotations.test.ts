import { describe, expect, test } from "vitest";
import type { Diagnostic } from "../../src/plan/model.ts";
import { annotationsOf } from "../../src/report/annotations.ts";
import { commentMarker } from "../../src/report/marker.ts";
import { report } from "./samples.ts";

const diagnostic = (parts: Partial<Diagnostic>): Diagnostic => ({
  severity: "error",
  summary: "Bad",
  detail: "Because.",
  ...parts,
});
const annotate = (diagnostics: Diagnostic[], values: "show" | "hide" = "show") =>
  annotationsOf(report({ diagnostics, values }));

test("a diagnostic becomes an annotation on its lines, with the file relative to the job's workspace", () => {
  expect(annotate([diagnostic({ file: "main.tf", line: 3, endLine: 5, address: "a.b" })])).toEqual([
    {
      severity: "error",
      title: "Bad",
      message: "Because.\n\nwith a.b",
      file: "infra/network/main.tf",
      line: 3,
      endLine: 5,
    },
  ]);
});

test.each<[Partial<Diagnostic>, object]>([
  [
    { file: "../modules/x/main.tf", line: 1 },
    { file: "infra/modules/x/main.tf", line: 1 },
  ],
  [{ file: "../../../etc/passwd", line: 1 }, {}],
  [{ file: "/etc/passwd", line: 1 }, {}],
  [{ file: "<console-input>", line: 1 }, {}],
  [
    { file: "sub\\a.tf", line: 1 },
    { file: "infra/network/sub/a.tf", line: 1 },
  ],
  [{ file: "a.tf", line: 0 }, { file: "infra/network/a.tf" }],
  [
    { file: "a.tf", line: 4, endLine: 2 },
    { file: "infra/network/a.tf", line: 4 },
  ],
  [{ file: "a\nb.tf", line: 1 }, {}],
  [{}, {}],
])("the place of %j", (place, expected) => {
  expect(annotate([diagnostic(place)])).toEqual([
    { severity: "error", title: "Bad", message: "Because.", ...expected },
  ]);
});

test("values: hide keeps the detail, which may quote values, out of the annotation", () => {
  expect(annotate([diagnostic({ detail: 'The value "hunter2" is too short.' })], "hide")).toEqual([
    { severity: "error", title: "Bad", message: "Bad" },
  ]);
});

test("errors come first, and nine annotations at most leave room for the step's own error", () => {
  const warnings = Array.from({ length: 20 }, (_, i) =>
    diagnostic({ severity: "warning", summary: `w${i}` }),
  );
  const all = annotate([...warnings, diagnostic({ summary: "e" })]);
  expect(all.map(({ title }) => title)).toEqual([
    "e",
    "w0",
    "w1",
    "w2",
    "w3",
    "w4",
    "w5",
    "w6",
    "13 warnings more",
  ]);
  expect(all.at(-1)?.severity).toBe("warning");
  const mixed = annotate([...warnings, ...Array.from({ length: 9 }, () => diagnostic({}))]);
  expect(mixed.at(-1)).toMatchObject({ severity: "error", title: "1 error and 20 warnings more" });
});

test("a message is no longer than the runner keeps and has no control characters", () => {
  const [first] = annotate([diagnostic({ detail: `\u001b[31m${"🎉".repeat(4000)}`, summary: "two\nlines" })]);
  expect(first?.message.length).toBeLessThanOrEqual(4096);
  expect(first?.message.isWellFormed()).toBe(true);
  expect(first?.message.startsWith("🎉")).toBe(true);
  expect(first?.title).toBe("two lines");
});

describe("the marker of a comment", () => {
  const key = {
    hostname: "app.terraform.io",
    organization: "o",
    workspace: "w",
    directory: "infra",
    label: "",
  };

  test("is an HTML comment that no name can end", () => {
    expect(commentMarker({ ...key, workspace: "--> <img src=x>" })).toMatch(
      /^<!-- tofu-remote:v1:[\w-]{43} -->$/,
    );
  });

  test.each([
    { hostname: "x" },
    { organization: "x" },
    { workspace: "x" },
    { directory: "x" },
    { label: "x" },
  ])("differs by %j", (other) => {
    expect(commentMarker({ ...key, ...other })).not.toBe(commentMarker(key));
  });

  test("does not confuse where one name ends and the next begins", () => {
    expect(commentMarker({ ...key, organization: "a", workspace: "bc" })).not.toBe(
      commentMarker({ ...key, organization: "ab", workspace: "c" }),
    );
  });

  test.each(["infra/", "./infra", "infra/./", "x/../infra"])(
    "is the same for the directory written as %s",
    (directory) => {
      expect(commentMarker({ ...key, directory })).toBe(commentMarker(key));
    },
  );
});
