import { describe, expect, test } from "vitest";
import { readModuleBackend } from "../../src/config/module-backend.ts";
import { type Files, failureOf, moduleWith } from "./module.ts";

const remote = (organization: string) =>
  `terraform {\n  backend "remote" {\n    organization = "${organization}"\n  }\n}\n`;
const cloud = (organization: string) =>
  `terraform {\n  cloud {\n    organization = "${organization}"\n  }\n}\n`;

async function read(files: Files): Promise<string | undefined> {
  const { block } = await readModuleBackend(await moduleWith(files));
  const organization = block?.organization?.value;
  return block && `${block.kind} ${organization?.kind === "text" ? organization.text : ""}`.trim();
}

describe("the block that counts", () => {
  test.each<[string, Files, string | undefined]>([
    ["in any file", { "a.tf": "", "z.tf": remote("acme") }, "remote acme"],
    ["in .tofu", { "a.tofu": cloud("acme") }, "cloud acme"],
    ["in .tf.json", { "a.tf.json": '{"terraform":{"cloud":{"organization":"acme"}}}' }, "cloud acme"],
    [
      "in .tofu.json",
      { "a.tofu.json": '{"terraform":{"backend":{"remote":{"organization":"acme"}}}}' },
      "remote acme",
    ],
    [".tofu hides the same-named .tf", { "a.tf": remote("tf"), "a.tofu": remote("tofu") }, "remote tofu"],
    [
      "an override replaces a backend",
      { "a.tf": remote("base"), "override.tf": remote("over") },
      "remote over",
    ],
    [
      "a cloud override replaces a backend",
      { "a.tf": remote("base"), "a_override.tf": cloud("over") },
      "cloud over",
    ],
    [
      "a backend override replaces a cloud",
      {
        "a.tf": cloud("base"),
        "a_override.tf.json": '{"terraform":{"backend":{"remote":{"organization":"over"}}}}',
      },
      "remote over",
    ],
    [
      "the last override counts",
      { "a.tf": remote("base"), "a_override.tf": remote("a"), "b_override.tofu": cloud("b") },
      "cloud b",
    ],
    ["an override alone", { "a.tf": "", "override.tofu": cloud("over") }, "cloud over"],
    [
      "an override replaces another type",
      { "a.tf": 'terraform {\n backend "s3" {}\n}', "override.tf": cloud("over") },
      "cloud over",
    ],
    [
      "an override without a block changes nothing",
      { "a.tf": remote("base"), "override.tf": "# backend terraform" },
      "remote base",
    ],
    [
      "of a hidden file nothing",
      { ".a.tf": remote("hidden"), "a.tf~": remote("backup"), "b.tf": cloud("b") },
      "cloud b",
    ],
    ["no block", { "a.tf": "" }, undefined],
    [
      "broken neighbours do not matter",
      { "a.tf": remote("acme"), "b.tf": "x = = # backend cloud terraform", "c.tf.json": "{" },
      "remote acme",
    ],
    ["byte order mark", { "a.tf": `\ufeff${cloud("acme")}`, "b.tf.json": "\ufeff{}" }, "cloud acme"],
    ["Windows line ends", { "a.tf": cloud("acme").replaceAll("\n", "\r\n") }, "cloud acme"],
    [
      "bytes that are no UTF-8 elsewhere",
      {
        "a.tf": Buffer.concat([
          Buffer.from('x = "'),
          Buffer.from([0xff, 0xc3]),
          Buffer.from(`"\n${cloud("acme")}`),
        ]),
      },
      "cloud acme",
    ],
  ])("%s", async (_, files, expected) => {
    expect(await read(files)).toBe(expected);
  });

  test("the files that were looked at are named in their order", async () => {
    const { files } = await readModuleBackend(
      await moduleWith({ "b.tf": "", "a.tofu": "", "override.tf": "" }),
    );
    expect(files).toEqual(["infra/a.tofu", "infra/b.tf", "infra/override.tf"]);
  });
});

describe("what is refused", () => {
  test.each<[string, Files, string[]]>([
    [
      "two backends",
      { "a.tf": remote("a"), "b.tf": remote("b") },
      [
        "Duplicate backend configuration (infra/b.tf:2)",
        "previously configured at infra/a.tf:2",
        "Remove one",
      ],
    ],
    [
      "two backends in one file",
      { "a.tf": remote("a") + remote("b") },
      ["Duplicate backend configuration (infra/a.tf:7)"],
    ],
    [
      "two clouds",
      { "a.tf": cloud("a"), "b.tf": cloud("b") },
      ["Duplicate cloud configurations (infra/b.tf:2)", "infra/a.tf:2"],
    ],
    [
      "two backends in an override",
      { "a.tf": "", "override.tf": remote("a") + remote("b") },
      ["Duplicate backend configuration (infra/override.tf:7)"],
    ],
    [
      "backend and cloud",
      { "a.tf": remote("a"), "b.tf": cloud("b") },
      ["Both a backend and a cloud configuration are present (infra/a.tf:2)", "infra/b.tf:2"],
    ],
    [
      "both, overridden or not",
      { "a.tf": remote("a") + cloud("b"), "override.tf": cloud("c") },
      ["Both a backend and a cloud"],
    ],
    [
      "another type",
      { "a.tf": 'terraform {\n  backend "s3" {\n    bucket = "x"\n  }\n}' },
      ["Unsupported backend type (infra/a.tf:2)", 'backend "s3"', "hostname, organization and workspace"],
    ],
    [
      "backend cloud",
      { "a.tf": 'terraform {\n  backend "cloud" {}\n}' },
      ["Unsupported backend type (infra/a.tf:2)", "There is no explicit backend type"],
    ],
    ["no type", { "a.tf": "terraform {\n  backend {}\n}" }, ["Missing type for backend (infra/a.tf:2)"]],
    [
      "two types",
      { "a.tf": 'terraform {\n  backend "remote" "x" {}\n}' },
      ["Extraneous label for backend (infra/a.tf:2)"],
    ],
    [
      "a cloud with a label",
      { "a.tf": 'terraform {\n  cloud "x" {}\n}' },
      ["Extraneous label for cloud (infra/a.tf:2)"],
    ],
    [
      "a foreign argument",
      { "a.tf": 'terraform {\n  cloud {\n    region = "x"\n  }\n}' },
      ["Unsupported argument (infra/a.tf:3)", '"region"', "hostname, organization, token"],
    ],
    [
      "workspaces as an argument",
      { "a.tf": 'terraform {\n  cloud {\n    workspaces = { name = "x" }\n  }\n}' },
      ["Unsupported argument (infra/a.tf:3)", 'a block of type "workspaces"'],
    ],
    [
      "a foreign block",
      { "a.tf": "terraform {\n  cloud {\n    workspace {}\n  }\n}" },
      ["Unsupported block type (infra/a.tf:3)", '"workspace"'],
    ],
    [
      "a block in workspaces",
      { "a.tf": "terraform {\n  cloud {\n    workspaces {\n      x {}\n    }\n  }\n}" },
      ["Unsupported block type (infra/a.tf:4)"],
    ],
    [
      "a prefix in cloud",
      { "a.tf": 'terraform {\n  cloud {\n    workspaces { prefix = "x" }\n  }\n}' },
      ["Unsupported argument (infra/a.tf:3)", "name, project, tags"],
    ],
    [
      "tags in remote",
      { "a.tf": 'terraform {\n  backend "remote" {\n    workspaces { tags = ["x"] }\n  }\n}' },
      ["Unsupported argument (infra/a.tf:3)", "name, prefix"],
    ],
    [
      "two workspaces",
      { "a.tf": "terraform {\n  cloud {\n    workspaces {}\n    workspaces {}\n  }\n}" },
      ["Duplicate workspaces block (infra/a.tf:4)", "infra/a.tf:3"],
    ],
    [
      "unreadable HCL",
      { "a.tf": "terraform {\n  cloud {\n    hostname = \n  }\n}\n" },
      ["Invalid syntax (infra/a.tf:3:5)"],
    ],
    [
      "unreadable JSON",
      { "a.tf.json": '{"terraform":{"cloud":{\n"hostname" "a"}}}' },
      ["Invalid syntax (infra/a.tf.json:2:12)"],
    ],
    [
      "an error that hides the block",
      { "a.tf": "/* terraform { cloud {} }" },
      ["Invalid syntax (infra/a.tf:1:1)"],
    ],
    [
      "text that is not UTF-8 in the block",
      { "a.tf": Buffer.from(cloud("caf\u00e9"), "latin1") },
      ["Invalid syntax (infra/a.tf:3:20)", "not valid UTF-8"],
    ],
  ])("%s", async (_, files, expected) => {
    const failure = await failureOf(() => read(files));
    expect(failure.reason).toBe("configuration");
    for (const part of expected) expect(failure.message).toContain(part);
    expect(failure.position?.file).toMatch(/^infra\//);
    expect(failure.message).toContain(`${failure.position?.file}:${failure.position?.line}`);
  });
});
