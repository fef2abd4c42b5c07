import { expect, test } from "vitest";
import type { JsonValue } from "../../src/json.ts";
import { diagnosticsFromText } from "../../src/plan/diagnostics.ts";
import { parseStructuredLine } from "../../src/plan/structured-log.ts";

function line(type: string | undefined, rest: { [key: string]: JsonValue } = {}): string {
  return JSON.stringify({
    "@level": "info",
    "@message": "the message",
    ...(type === undefined ? {} : { type }),
    ...rest,
  });
}

const hook = { resource: { addr: "null_resource.a" }, provisioner: "local-exec", output: "hello" };

test.each<[string | undefined, string[], { [key: string]: JsonValue }?]>([
  ["refresh_complete", []],
  ["version", []],
  ["planned_change", []],
  ["provision_complete", []],
  ["provision_errored", []],
  ["apply_errored", []],
  ["apply_start", ["the message"]],
  ["apply_complete", ["the message"]],
  ["refresh_start", ["the message"]],
  ["provision_start", ["the message"]],
  ["resource_drift", ["the message"]],
  ["provision_progress", ["null_resource.a: (local-exec): hello"], { hook }],
  ["provision_progress", ["the message"], { hook: { output: "x" } }],
  ["change_summary", ["", "the message", ""]],
  ["outputs", [], { outputs: { a: { sensitive: false, action: "create" } } }],
  [
    "outputs",
    ["Outputs:", 'a = "x"', "b = (sensitive value)", "c = [", "    1,", "]"].map((text) =>
      text.replace(/^(\s*)(1,)/, "        1,").replace(/^\]$/, "    ]"),
    ),
    {
      outputs: {
        a: { sensitive: false, type: "string", value: "x" },
        b: { sensitive: true, type: "string", value: "secret" },
        c: { sensitive: false, type: ["list", "number"], value: [1] },
      },
    },
  ],
  ["something_new", ["the message"]],
  [undefined, ["the message"]],
])("%s is shown as %j", (type, text, rest) => {
  expect(parseStructuredLine(line(type, rest))).toEqual({ text, kind: type ?? "" });
});

test.each([
  "plain text",
  "{ not json",
  '{"foo":1}',
  "[1]",
  "",
  `{"@message":"x","a":${"[".repeat(300)}${"]".repeat(300)}}`,
])("%j is no line of a JSON log", (text) => {
  expect(parseStructuredLine(text)).toBeUndefined();
});

test("a diagnostic is drawn as the CLI draws it, and says the same when it is read back", () => {
  const diagnostic = {
    severity: "error",
    summary: "Invalid function argument",
    detail:
      "A detail that is longer than one line of the box that is drawn around it, so that it has to be wrapped.\n  but not this line, which begins with a space and is code, however long it may be, as here it is",
    address: "terraform_data.x",
    range: {
      filename: "dir/main.tf",
      start: { line: 18, column: 36, byte: 1 },
      end: { line: 19, column: 4, byte: 2 },
    },
    snippet: {
      context: 'output "bad"',
      code: 'output "bad" {\n  value = file("nope")',
      start_line: 17,
      values: [
        { traversal: "var.z", statement: "is 1" },
        { traversal: "var.a", statement: "is a string" },
      ],
      function_call: {
        called_as: "file",
        signature: { params: [{ name: "path" }], variadic_param: { name: "rest" } },
      },
    },
  };
  const parsed = parseStructuredLine(line("diagnostic", { diagnostic }));
  expect(parsed?.text).toEqual([
    "╷",
    "│ Error: Invalid function argument",
    "│",
    "│   with terraform_data.x,",
    '│   on dir/main.tf line 18, in output "bad":',
    '│   17: output "bad" {',
    '│   18:   value = file("nope")',
    "│     ├────────────────",
    "│     │ while calling file(path, rest...)",
    "│     │ var.a is a string",
    "│     │ var.z is 1",
    "│",
    "│ A detail that is longer than one line of the box that is drawn around it,",
    "│ so that it has to be wrapped.",
    "│   but not this line, which begins with a space and is code, however long it may be, as here it is",
    "╵",
  ]);
  expect(parsed?.diagnostic).toMatchObject({
    file: "dir/main.tf",
    line: 18,
    endLine: 19,
    address: "terraform_data.x",
  });
  const { detail: _detail, endLine: _endLine, ...same } = parsed?.diagnostic ?? { detail: "" };
  expect(diagnosticsFromText(parsed?.text ?? [])).toMatchObject([same]);
});

test("a diagnostic without source says so", () => {
  const diagnostic = {
    severity: "warning",
    summary: "s",
    detail: "",
    range: { filename: "a.tf", start: { line: 3 } },
  };
  expect(parseStructuredLine(line("diagnostic", { diagnostic }))?.text).toEqual([
    "╷",
    "│ Warning: s",
    "│",
    "│   on a.tf line 3:",
    "│   (source code not available)",
    "│",
    "╵",
  ]);
});
