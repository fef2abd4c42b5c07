// The real CLI is the referee of which blocks are valid: the same files and environment go through `init` and through
// resolveTarget. The host refuses every connection, so `init` gets as far as asking for it exactly when the block is valid.
import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Environment } from "../../src/config/credentials.ts";
import { resolveTarget } from "../../src/config/target.ts";
import { Failure } from "../../src/failure.ts";
import { type Files, moduleWith } from "./module.ts";

const CLI = ["tofu", "terraform"].find((name) => spawnSync(name, ["version"]).status === 0);
const HOST = "127.0.0.1:1";
const RUNS = Number(process.env["DIFFERENTIAL_RUNS"] ?? 40);

type Value = string | null | undefined | string[];
type Block = {
  kind: "remote" | "cloud" | "nosuch";
  organization: Value;
  workspaces: Array<{ name: Value; other: boolean | undefined }>;
  stranger: "argument" | "block" | undefined;
};

const value = fc.constantFrom<Value>("acme", "acme", "acme", "", null, undefined);
const block: fc.Arbitrary<Block> = fc.record({
  kind: fc.constantFrom("remote", "remote", "cloud", "cloud", "nosuch"),
  organization: value,
  workspaces: fc.array(fc.record({ name: value, other: fc.constantFrom(true, false, false, undefined) }), {
    minLength: 0,
    maxLength: 2,
  }),
  stranger: fc.constantFrom(undefined, undefined, undefined, undefined, "argument", "block"),
});

type Body = Record<string, unknown>;

function bodyOf({ kind, organization, workspaces, stranger }: Block): Body {
  if (kind === "nosuch") return { bucket: "b" };
  const inner = workspaces.map(({ name, other }) => ({
    name: name === "" && kind === "cloud" && CLI !== "tofu" ? undefined : name,
    ...otherArgument(kind, other),
  }));
  const foreign =
    stranger === "argument" ? { region: "x" } : stranger === "block" ? { credentials: [{}] } : {};
  return { hostname: HOST, organization, ...foreign, workspaces: inner };
}

/** In a cloud block an empty name or list of tags is none in OpenTofu, whose rule is ours, but one in Terraform. */
function otherArgument(kind: "remote" | "cloud", given: boolean | undefined): Body {
  if (kind === "remote") return { prefix: given ? "net-" : given === false ? "" : undefined };
  return { tags: given ? ["net"] : given === false && CLI === "tofu" ? [] : undefined };
}

function native(blocks: Block[]): string {
  const write = (body: Body): string =>
    Object.entries(body)
      .flatMap(([name, written]) => {
        const isBlock = name === "workspaces" || name === "credentials";
        if (isBlock && Array.isArray(written)) return written.map((inner) => `${name} {\n${write(inner)}\n}`);
        return written === undefined ? [] : [`${name} = ${JSON.stringify(written)}`];
      })
      .join("\n");
  return blocks
    .map(
      (each) =>
        `terraform {\n${each.kind === "cloud" ? "cloud" : `backend "${each.kind}"`} {\n${write(bodyOf(each))}\n}\n}\n`,
    )
    .join("\n");
}

function json(blocks: Block[]): string {
  const terraform = blocks.map((each) =>
    each.kind === "cloud" ? { cloud: bodyOf(each) } : { backend: { [each.kind]: bodyOf(each) } },
  );
  return JSON.stringify({ terraform });
}

const files = fc
  .array(fc.record({ block, name: fc.constantFrom("a", "a", "b", "c_override"), isJson: fc.boolean() }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((entries): Files => {
    const named = entries.map((entry) => ({
      ...entry,
      file: `${entry.name}.tf${entry.isJson ? ".json" : ""}`,
    }));
    const names = [...new Set(named.map((entry) => entry.file))];
    return Object.fromEntries(
      names.map((file) => {
        const blocks = named.filter((entry) => entry.file === file).map((entry) => entry.block);
        return [file, file.endsWith(".json") ? json(blocks) : native(blocks)];
      }),
    );
  });

type Verdict = "valid" | string[];

async function cliVerdict(directory: string, environment: Environment): Promise<Verdict> {
  const options = {
    cwd: directory,
    env: { PATH: process.env["PATH"] ?? "", TF_CLI_CONFIG_FILE: join(directory, "rc"), ...environment },
  };
  const run = promisify(execFile)(CLI ?? "", ["init", "-input=false", "-no-color"], options);
  const stderr = await run.then(
    () => "",
    (error: unknown) => String(error instanceof Error && "stderr" in error ? error.stderr : error),
  );
  const summaries = [...stderr.matchAll(/^(?:│ )?Error: (.*)$/gm)].map((match) => match[1] ?? "");
  const complaints = summaries.filter((summary) => !/discovery document|connection refused/i.test(summary));
  return summaries.length > 0 && complaints.length === 0 ? "valid" : complaints;
}

/** The other names of a summary: in the JSON syntax, and in Terraform where OpenTofu's (which are ours) differ. */
const SAME: Readonly<Record<string, string>> = {
  "Extraneous JSON object property": "Unsupported argument",
  "Duplicate HCP Terraform configurations": "Duplicate cloud configurations",
  "Both a backend and cloud configuration are present":
    "Both a backend and a cloud configuration are present",
};

/** The summaries that ours may be; Terraform does not mention a missing organization where workspaces are wrong as well. */
function accepted(theirs: string[]): string[] {
  const unspoken = theirs.includes("Invalid workspaces configuration")
    ? ["Invalid or missing required argument"]
    : [];
  return [...theirs.map((summary) => SAME[summary] ?? summary), ...unspoken];
}

/** One valid and one invalid case that are always tried. */
function example(hasPrefixToo: boolean): [Files, undefined, undefined] {
  const workspaces = [{ name: "acme", other: hasPrefixToo }];
  return [
    { "a.tf": native([{ kind: "remote", organization: "acme", workspaces, stranger: undefined }]) },
    undefined,
    undefined,
  ];
}

test.skipIf(CLI === undefined)(
  `${CLI ?? "SKIPPED, neither tofu nor terraform on PATH: the CLI"} finds the same blocks valid, and says the same of others`,
  { timeout: 600_000 },
  async () => {
    const variable = fc.constantFrom(undefined, "acme", "dev");
    const seen = { valid: 0, invalid: 0 };
    await fc.assert(
      fc.asyncProperty(files, variable, variable, async (written, TF_WORKSPACE, TF_CLOUD_ORGANIZATION) => {
        const module = await moduleWith({ ...written, rc: "" });
        const environment = { TF_WORKSPACE, TF_CLOUD_ORGANIZATION, [`TF_TOKEN_${HOST}`]: "t" };
        const theirs = await cliVerdict(module.directory, environment);
        const ours = await resolveTarget(module, environment).then(
          () => "valid",
          (error: unknown) => (error instanceof Failure ? error.message : Promise.reject(error)),
        );
        seen[theirs === "valid" ? "valid" : "invalid"] += 1;
        if (theirs === "valid")
          expect(ours).toMatch(/^valid$|default workspace not supported|none of them is chosen/);
        else expect(accepted(theirs)).toContain(ours.split(" (")[0]);
      }),
      { numRuns: RUNS, examples: [example(false), example(true)] },
    );
    expect(seen.valid).toBeGreaterThan(0);
    expect(seen.invalid).toBeGreaterThan(0);
  },
);
