// The real CLI is the referee of which versions agree: it is asked to taint an object in workspaces of many versions.
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { versionMismatch } from "../../src/cli/version-agreement.ts";
import { diagnosticsFromText } from "../../src/plan/diagnostics.ts";
import { findBinary, run } from "../sandbox/engine/binary.ts";
import { client, withSandbox } from "../sandbox/referee.ts";

const binary = findBinary();
if (binary === undefined) console.warn("SKIPPED versions by the CLI: neither tofu nor terraform is on PATH");

const [major = "1", minor = "0", patch = "0"] = binary?.version.split(/[.-]/) ?? [];
const VERSIONS = [
  ...[`${major}.${minor}.${patch}`, `${major}.${minor}.99`, `${major}.${minor}`, `v${major}.${minor}.0`],
  ...[
    `${major}.${Number(minor) + 1}.0`,
    `${major}.${Number(minor) - 1}.0`,
    `${Number(major) + 1}.${minor}.0`,
  ],
  ...[
    `${major}.${minor}.${patch}-beta1`,
    `${major}.${minor}.0.1`,
    "latest",
    "0.13.7",
    "0.14.0",
    "1.2.9",
    "1.3.0",
  ],
  ...[`~> ${major}.${minor}.0`, `~> ${major}.0`, `~> ${major}.${Number(minor) + 1}`, ">= 1.0, < 99", ">= 99"],
  ...[`!= ${major}.${minor}.${patch}`, `${major}.${minor}.${patch}, > 1`, "nonsense", "1.x", ""],
];
const BLOCKS = {
  remote: (hostname: string) =>
    `backend "remote" {\n hostname = "${hostname}"\n organization = "acme"\n workspaces { prefix = "v-" }\n }`,
  cloud: (hostname: string) =>
    `cloud {\n hostname = "${hostname}"\n organization = "acme"\n workspaces { tags = ["net"] }\n }`,
};
const nameOf = (kind: string, index: number) => (kind === "remote" ? `v-${index}` : `net-${index}`);

/** What the CLI says about the versions, in one line. */
function spoken(text: string): string | undefined {
  const all = diagnosticsFromText(stripVTControlCharacters(text).split("\n"));
  const found = all.find(({ summary }) => /version|looking up workspace/i.test(summary));
  return (
    found && `${found.summary}: ${found.detail.replaceAll(/\s+/g, " ").replace(/ ?If you're sure.*$/, "")}`
  );
}

describe.skipIf(binary === undefined)("versions of workspaces", () => {
  test.each(["remote", "cloud"] as const)("with a %s block: as the CLI judges them", async (kind) => {
    if (binary === undefined) return;
    await withSandbox({ engine: "recorded" }, async (sandbox) => {
      VERSIONS.forEach((terraformVersion, index) => {
        sandbox.workspace(nameOf(kind, index), { terraformVersion });
        if (kind === "cloud") sandbox.workspace(nameOf(kind, index)).tags = ["net"];
      });
      const { directory } = client(sandbox, BLOCKS[kind](sandbox.hostname));
      const env = (index: number) => ({
        SSL_CERT_FILE: sandbox.caFile,
        TF_CLI_CONFIG_FILE: `${directory}/cli.tfrc`,
        TF_WORKSPACE: nameOf(kind, index).replace(/^v-/, ""),
      });
      const first = await run(binary, ["init", "-input=false"], { cwd: directory, env: env(0) });
      expect(first).toMatchObject({ code: 0 });
      const judge = async (index: number) => {
        const { output } = await run(binary, ["taint", "terraform_data.one"], {
          cwd: directory,
          env: env(index),
        });
        return spoken(output);
      };
      const judged: (string | undefined)[] = [];
      for (let index = 0; index < VERSIONS.length; index += 4) {
        judged.push(
          ...(await Promise.all(VERSIONS.slice(index, index + 4).map((_, at) => judge(index + at)))),
        );
      }
      const ours = VERSIONS.map((terraformVersion, index) => {
        const workspace = { name: nameOf(kind, index), terraformVersion, executionMode: "remote" };
        const { name: product, version } = binary;
        const mismatch = versionMismatch({
          binary: { product, version },
          kind,
          organization: "acme",
          workspace,
        });
        return mismatch && `${mismatch.summary}: ${mismatch.detail}`.trim();
      });
      const named = (verdicts: (string | undefined)[]) =>
        VERSIONS.map((version, at) => [version, verdicts[at] ?? "agrees"]);
      expect(named(ours)).toEqual(named(judged));
      expect(new Set(judged.map((verdict) => verdict === undefined)).size).toBe(2);
    });
  });
});
