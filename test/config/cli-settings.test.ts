import { expect, test } from "vitest";
import { cliSettings } from "../../src/config/cli-settings.ts";
import { moduleWith } from "./module.ts";

const remote = (workspaces: string, more = 'hostname = "h.example.com"\norganization = "acme"') =>
  `terraform {\n backend "remote" {\n${more}\n${workspaces}\n }\n}\n`;
const cloud = (workspaces: string, more = 'hostname = "h.example.com"\norganization = "acme"') =>
  `terraform {\n cloud {\n${more}\n${workspaces}\n }\n}\n`;
const NAME = 'workspaces {\n name = "net"\n}';
const PREFIX = 'workspaces {\n prefix = "net-"\n}';
const TAGS = 'workspaces {\n tags = ["net"]\n}';

type Inputs = { hostname?: string; organization?: string; workspace?: string; backendConfig?: string[] };

async function settings(
  file: string,
  inputs: Inputs,
  target: { workspace: string; prefix?: string },
  selects = true,
) {
  const module = await moduleWith({ "main.tf": file });
  const place = {
    hostname: inputs.hostname ?? "h.example.com",
    organization: inputs.organization ?? "acme",
    ...target,
  };
  return cliSettings({ ...module, ...inputs }, place, { selects });
}

const nothing = { variables: {}, backendConfig: [] };

test.each([
  ["name, nothing given", remote(NAME), {}, { workspace: "net" }, {}],
  ["name, the same given", remote(NAME), { workspace: "net" }, { workspace: "net" }, { workspace: "" }],
  [
    "name, another given",
    remote(NAME),
    { workspace: "other" },
    { workspace: "other" },
    { workspace: "", backendFile: 'workspaces {\n  name = "other"\n}\n' },
  ],
  [
    "no workspaces block",
    remote(""),
    { workspace: "other" },
    { workspace: "other" },
    { workspace: "", backendFile: 'workspaces {\n  name = "other"\n}\n' },
  ],
  [
    "prefix, short name",
    remote(PREFIX),
    { workspace: "dev" },
    { workspace: "net-dev", prefix: "net-" },
    { workspace: "dev" },
  ],
  [
    "prefix, full name",
    remote(PREFIX),
    { workspace: "net-dev" },
    { workspace: "net-dev", prefix: "net-" },
    { workspace: "dev" },
  ],
  [
    "prefix, found on the server",
    remote(PREFIX),
    {},
    { workspace: "net-dev", prefix: "net-" },
    { workspace: "dev" },
  ],
  [
    "host and organization given",
    remote(NAME, ""),
    { hostname: "other.example.com", organization: "corp" },
    { workspace: "net" },
    { backendConfig: ["hostname=other.example.com", "organization=corp"] },
  ],
  [
    "name by backend-config",
    remote("", ""),
    { backendConfig: ["hostname=h.example.com"] },
    { workspace: "net" },
    {},
  ],
] as const)("backend: %s", async (_name, file, inputs, target, expected) => {
  const given: Inputs = {
    ...inputs,
    backendConfig: "backendConfig" in inputs ? [...inputs.backendConfig] : [],
  };
  expect(await settings(file, given, target)).toEqual({ backend: "remote", ...nothing, ...expected });
});

test.each([
  ["name, nothing given", cloud(NAME), {}, { workspace: "net" }, {}],
  ["name, the same given", cloud(NAME), { workspace: "net" }, { workspace: "net" }, { workspace: "" }],
  ["tags", cloud(TAGS), { workspace: "dev" }, { workspace: "dev" }, { workspace: "dev" }],
  ["no mapping", cloud(""), { workspace: "dev" }, { workspace: "dev" }, { workspace: "dev" }],
  [
    "host and organization given",
    cloud(NAME, ""),
    { hostname: "other.example.com", organization: "corp" },
    { workspace: "net" },
    { variables: { TF_CLOUD_HOSTNAME: "other.example.com", TF_CLOUD_ORGANIZATION: "corp" } },
  ],
] as const)("cloud: %s", async (_name, file, inputs, target, expected) => {
  expect(await settings(file, inputs, target)).toEqual({ backend: "cloud", ...nothing, ...expected });
});

test.each([
  ["hostname", { hostname: "other.example.com" }],
  ["organization", { organization: "corp" }],
  ["workspace", { workspace: "other" }],
])("a cloud block that says otherwise: %s", async (name, inputs) => {
  await expect(settings(cloud(NAME), inputs, { workspace: "other" })).rejects.toMatchObject({
    reason: "input",
    message: expect.stringContaining(`The input ${name} is`),
  });
});

test("commands about workspaces select none; no block is none", async () => {
  expect(
    await settings(remote(PREFIX), { workspace: "dev" }, { workspace: "net-dev", prefix: "net-" }, false),
  ).toEqual({
    backend: "remote",
    ...nothing,
  });
  expect(await settings('output "a" { value = 1 }', {}, { workspace: "x" })).toEqual({
    backend: "none",
    ...nothing,
  });
});
