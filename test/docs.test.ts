import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { parse, parseDocument } from "yaml";
import { parseCommand } from "../src/command-line.ts";
import { FAILURE_REASONS } from "../src/failure.ts";
import { readInputs } from "../src/inputs.ts";
import { UNKNOWN } from "../src/outputs.ts";

const action = parse(readFileSync("action.yml", "utf8"));

test.each(FAILURE_REASONS)("docs/outputs.md explains the reason %s", (reason) => {
  expect(readFileSync("docs/outputs.md", "utf8")).toContain(`\`${reason}\``);
});

test("action.yml declares exactly the outputs that are written", () => {
  expect(Object.keys(action.outputs).sort()).toEqual(Object.keys(UNKNOWN).sort());
});

test("action.yml declares exactly the inputs that are read", () => {
  const read = new Set<string>();
  readInputs("/repo", (name) => {
    read.add(name);
    return "";
  });
  expect(Object.keys(action.inputs).sort()).toEqual([...read].sort());
});

test("the defaults of action.yml are those of the code", () => {
  const declared = (name: string): string =>
    String(action.inputs[name]?.default ?? "").replace(/^\$\{\{.*\}\}$/, "");
  expect(readInputs("/repo", declared)).toEqual(readInputs("/repo", () => ""));
});

const OUR_STEP = /^OWNER\/tofu-remote@/;

/** The steps of this action in a YAML block, be it a workflow, a job or a list of steps. */
function ourSteps(value: unknown): Record<string, unknown>[] {
  if (typeof value !== "object" || value === null) return [];
  const uses = Reflect.get(value, "uses");
  if (typeof uses === "string" && OUR_STEP.test(uses)) return [{ ...value }];
  return Object.values(value).flatMap(ourSteps);
}

const pages = ["README.md", ...readdirSync("docs").map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith(".md"),
);
const blocks = pages.flatMap((page) =>
  [...readFileSync(page, "utf8").matchAll(/^```ya?ml\n([\s\S]*?)^```$/gm)].map(
    ([, text = ""], index): [string, string] => [`${page} #${index + 1}`, text],
  ),
);

test.each(blocks)(
  "the YAML of %s is valid, and gives this action no input that it does not have",
  (_name, text) => {
    const document = parseDocument(text, { uniqueKeys: true });
    expect(document.errors).toEqual([]);
    for (const step of ourSteps(document.toJS())) {
      expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(step["with"] ?? {})));
    }
  },
);

const workflows = blocks.filter(([, text]) => /^on:/m.test(text));

test.each(workflows)("the workflow of %s is whole", (_name, text) => {
  const { jobs } = parse(text) as { jobs: Record<string, Record<string, unknown>> };
  for (const job of Object.values(jobs)) {
    expect(job).toMatchObject({ "runs-on": expect.anything(), permissions: { contents: "read" } });
    const steps = job["steps"] as { uses?: string }[];
    expect(steps[0]?.uses).toMatch(/^actions\/checkout@v\d+$/);
    for (const needed of [job["needs"] ?? []].flat()) expect(Object.keys(jobs)).toContain(needed);
    const outputs = Object.values(job["outputs"] ?? {}).join(" ");
    for (const [, name] of outputs.matchAll(/steps\.\w+\.outputs\.([\w-]+)/g))
      expect(Object.keys(action.outputs)).toContain(name);
  }
  expect(ourSteps(jobs).length).toBeGreaterThan(0);
});

test("every command of the compatibility table exists, and those of the remote backend's documentation are in it", () => {
  const table = readFileSync("docs/compatibility.md", "utf8").split("\n## ")[1] ?? "";
  const rows = [...table.matchAll(/^\| (`.+?) \|/gm)].map(([, cell = ""]) => cell);
  const named = rows.flatMap((cell) => [...cell.matchAll(/`([a-z -]+)`/g)].map(([, name = ""]) => name));
  const first = new Set(named.map((name) => name.split(" ")[0] ?? ""));
  expect([...first]).toEqual(
    expect.arrayContaining([
      ...[
        "apply",
        "console",
        "destroy",
        "fmt",
        "get",
        "graph",
        "import",
        "init",
        "output",
        "plan",
        "providers",
      ],
      ...["show", "state", "taint", "untaint", "validate", "version", "workspace"],
    ]),
  );
  for (const name of first) {
    const known = () => parseCommand(name).command;
    if (["login", "logout", "new", "select", "delete"].includes(name)) continue;
    expect(known, name).not.toThrow();
  }
});

test("there are workflows to be checked", () => {
  expect(workflows.map(([name]) => name)).toEqual(
    expect.arrayContaining(["README.md #1", "docs/recipes.md #6"]),
  );
});

test.each(pages)("the links of %s lead somewhere", (page) => {
  const links = [...readFileSync(page, "utf8").matchAll(/\]\(([\w./-]*\.md)?(?:#([\w-]+))?\)/g)];
  for (const [, file, anchor] of links) {
    const target = file === undefined ? page : normalize(join(dirname(page), file));
    const headings = [...readFileSync(target, "utf8").matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    );
    if (anchor !== undefined) expect(headings).toContain(anchor);
  }
});
