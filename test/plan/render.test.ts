import { describe, expect, test } from "vitest";
import type { JsonValue } from "../../src/json.ts";
import type { Plan } from "../../src/plan/model.ts";
import { renderPlan } from "../../src/plan/render.ts";
import { planOf, planWithSchema, resource } from "./build.ts";

function show(plan: Plan): string[] {
  return renderPlan(plan, { values: "show" }).slice(0, -2);
}

describe("titles", () => {
  test.each<[{ [key: string]: JsonValue }, { [key: string]: JsonValue }, string[]]>([
    [
      { actions: ["delete"] },
      { deposed: "1a2b" },
      [
        "example_thing.a (deposed object 1a2b) will be destroyed",
        "(left over from a partially-failed replacement of this instance)",
      ],
    ],
    [
      { actions: ["delete"] },
      { action_reason: "delete_because_no_module", module_address: "module.m" },
      ["example_thing.a will be destroyed", "(because module.m is not in configuration)"],
    ],
    [
      { actions: ["delete"] },
      { action_reason: "delete_because_each_key", index: 'k"' },
      ["example_thing.a will be destroyed", '(because key ["k\\""] is not in for_each map)'],
    ],
    [
      { actions: ["delete", "create"], importing: { id: "i" } },
      {},
      [
        "example_thing.a must be replaced",
        '(imported from "i")',
        "Warning: this will destroy the imported resource",
      ],
    ],
    [
      { actions: ["create", "delete"] },
      { action_reason: "replace_because_tainted" },
      ["example_thing.a is tainted, so must be replaced"],
    ],
    [
      { actions: ["forget", "create"] },
      {},
      ["example_thing.a must be replaced, but the existing object will not be destroyed"],
    ],
    [
      { actions: ["update"] },
      { previous_address: "example_thing.b" },
      ["example_thing.a will be updated in-place", "(moved from example_thing.b)"],
    ],
    [
      { actions: ["no-op"], importing: {}, generated_config: "x" },
      {},
      ["example_thing.a will be imported", "(config will be generated)", "(will be imported first)"],
    ],
    [
      { actions: ["read"] },
      { mode: "data", action_reason: "read_because_dependency_pending" },
      [
        "example_thing.a will be read during apply",
        "(depends on a resource or a module with changes pending)",
      ],
    ],
    [
      { actions: ["update"] },
      { address: 'example_thing.a["x\n# y"]' },
      ['example_thing.a["x # y"] will be updated in-place'],
    ],
  ])("%j %j", (change, rest, titles) => {
    const lines = renderPlan(planOf([resource(change, rest)]), { values: "show" });
    expect(lines.filter((line) => line.startsWith("  # "))).toEqual(titles.map((title) => `  # ${title}`));
  });
});

test.each([
  [["create", "delete"], "+/-"],
  [["delete", "create"], "-/+"],
  [["forget", "create"], "./+"],
  [["forget"], "  ."],
  [["create"], "  +"],
])("%j is marked %s", (actions, mark) => {
  expect(show(planOf([resource({ actions, before: { id: "i" }, after: { id: "j" } })]))[1]).toBe(
    `${mark} resource "example_thing" "a" {`,
  );
});

const block = {
  attributes: {
    id: { type: "string" },
    secret: { type: "string", sensitive: true },
    wo: { type: "string", write_only: true },
    rules: {
      nested_type: {
        nesting_mode: "list",
        attributes: { port: { type: "number" }, proto: { type: "string" } },
      },
    },
    opts: { nested_type: { nesting_mode: "map", attributes: { on: { type: "bool" } } } },
  },
  block_types: {
    disk: {
      nesting_mode: "list",
      block: { attributes: { size: { type: "number" }, name: { type: "string" } } },
    },
    net: { nesting_mode: "single", block: { attributes: { ip: { type: "string" } } } },
  },
};

test("nested attributes, blocks, write-only and sensitive attributes", () => {
  const change = {
    before: {
      id: "i",
      secret: "old",
      wo: null,
      rules: [{ port: 1, proto: "tcp" }],
      opts: { a: { on: true } },
      disk: [
        { size: 1, name: "x" },
        { size: 2, name: "y" },
      ],
      net: { ip: "1" },
    },
    after: {
      id: "i",
      secret: "new",
      wo: null,
      rules: [
        { port: 2, proto: "tcp" },
        { port: 3, proto: "udp" },
      ],
      opts: { a: { on: false }, b: { on: true } },
      disk: [
        { size: 1, name: "x" },
        { size: 3, name: "y" },
      ],
      net: null,
    },
    after_unknown: {},
    replace_paths: [["disk", 1, "size"]],
  };
  expect(show(planWithSchema(block, [resource({ actions: ["delete", "create"], ...change })]))).toEqual([
    "  # example_thing.a must be replaced",
    '-/+ resource "example_thing" "a" {',
    '        id     = "i"',
    "      ~ opts   = {",
    '          ~ "a" = {',
    "              ~ on = true -> false",
    "            },",
    '          + "b" = {',
    "              + on = true",
    "            },",
    "        }",
    "      ~ rules  = [",
    "          ~ {",
    "              ~ port  = 1 -> 2",
    "                # (1 unchanged attribute hidden)",
    "            },",
    "          + {",
    "              + port  = 3",
    '              + proto = "udp"',
    "            },",
    "        ]",
    "      ~ secret = (sensitive value)",
    "      ~ wo     = (write-only attribute)",
    "",
    "      ~ disk {",
    '            name = "y"',
    "          ~ size = 2 -> 3 # forces replacement",
    "        }",
    "",
    "      - net {",
    '          - ip = "1" -> null',
    "        }",
    "",
    "        # (1 unchanged block hidden)",
    "    }",
  ]);
});

test("blocks that are unknown or sensitive as a whole", () => {
  const change = {
    actions: ["update"],
    before: { id: "i", disk: [{ size: 1, name: "x" }] },
    after: { id: "i", disk: [{ size: 2, name: "hidden" }] },
    after_unknown: { net: true },
    before_sensitive: {},
    after_sensitive: { disk: true },
  };
  expect(show(planWithSchema(block, [resource(change)]))).toEqual([
    "  # example_thing.a will be updated in-place",
    '  ~ resource "example_thing" "a" {',
    '        id = "i"',
    "        # (1 unchanged attribute hidden)",
    "",
    "      # Warning: this block will be marked as sensitive and will not",
    "      # display in UI output after applying this change.",
    "      ~ disk {",
    "          # At least one attribute in this block is (or was) sensitive,",
    "          # so its contents will not be displayed.",
    "        }",
    "",
    "      + net (known after apply)",
    "    }",
  ]);
});

test("without a schema, blocks and maps are told by their shape", () => {
  const change = {
    actions: ["create"],
    before: null,
    after: {
      tags: { "a b": "c" },
      rule: [
        { port: 1, from: [] },
        { port: 2, from: ["x"] },
      ],
      list: ["x"],
      none: [],
      legacy: "",
    },
    after_unknown: { id: true, rule: [{}, {}] },
  };
  expect(show(planOf([resource(change)]))).toEqual([
    "  # example_thing.a will be created",
    '  + resource "example_thing" "a" {',
    "      + id   = (known after apply)",
    "      + list = [",
    '          + "x",',
    "        ]",
    "      + tags = {",
    '          + "a b" = "c"',
    "        }",
    "",
    "      + rule {",
    "          + from = []",
    "          + port = 1",
    "        }",
    "      + rule {",
    "          + from = [",
    '              + "x",',
    "            ]",
    "          + port = 2",
    "        }",
    "    }",
  ]);
});

describe("drift", () => {
  const drift = resource({ before: { id: "i", a: 1, b: 1 }, after: { id: "i", a: 2, b: 2 } });
  const changes = [resource({ actions: ["create"] }, { address: "example_thing.new", name: "new" })];
  const plan = (attributes: JsonValue[], resources = changes) =>
    planOf(resources, { resource_drift: [drift], relevant_attributes: attributes });
  const heading = "Note: Objects have changed outside of OpenTofu";

  test("is shown as far as the plan depends on it", () => {
    const relevant = plan([{ resource: "example_thing.a", attribute: ["a"] }]);
    expect(renderPlan(relevant, { values: "show" }).slice(0, 9)).toEqual([
      heading,
      "",
      "  # example_thing.a has changed",
      '  ~ resource "example_thing" "a" {',
      "      ~ a  = 1 -> 2",
      '        id = "i"',
      "        # (1 unchanged attribute hidden)",
      "    }",
      "",
    ]);
  });

  test.each([
    ["nothing depends on it", plan([])],
    ["another attribute is what counts", plan([{ resource: "example_thing.a", attribute: ["id"] }])],
    ["the plan does nothing", plan([{ resource: "example_thing.a", attribute: ["a"] }], [])],
  ])("is not shown where %s", (_name, quiet) => {
    expect(renderPlan(quiet, { values: "show" })).not.toContain(heading);
    expect(renderPlan(quiet, { values: "show", mode: "refresh-only" })).toContain("      ~ b  = 1 -> 2");
  });
});

test("an output that is secret before and after shows that it changes, redacted alike or not", () => {
  const output = {
    actions: ["update"],
    before: "REDACTED",
    after: "REDACTED",
    before_sensitive: true,
    after_sensitive: true,
  };
  expect(renderPlan(planOf([], { output_changes: { o: output } }), { values: "show" })).toEqual([
    "Changes to Outputs:",
    "  ~ o = (sensitive value)",
  ]);
});

test("nothing to do", () => {
  expect(renderPlan(planOf([]), { values: "show" })).toEqual([
    "No changes. Your infrastructure matches the configuration.",
  ]);
});

test("a change of line ends is seen", () => {
  const change = { actions: ["update"], before: { a: "x\r\ny\r\nz" }, after: { a: "x\ny\r\nz" } };
  expect(show(planOf([resource(change)])).slice(2, -1)).toEqual([
    "      ~ a = <<-EOT",
    "          - x\\r",
    "          + x",
    "            y\\r",
    "            z",
    "        EOT",
  ]);
});
