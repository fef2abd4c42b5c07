import fc from "fast-check";
import { expect, test } from "vitest";
import { compareVersions, parseVersion } from "../../src/cli/version.ts";
import { type VersionQuestion, versionMismatch } from "../../src/cli/version-agreement.ts";
import { meetsConstraint, parseConstraint } from "../../src/cli/version-constraint.ts";

type Row = [local: string, workspace: string, agree: boolean];

const question = (product: "tofu" | "terraform", kind: "remote" | "cloud", local: string, remote: string) =>
  ({
    binary: { product, version: local },
    kind,
    organization: "acme",
    workspace: { name: "net-prod", terraformVersion: remote, executionMode: "remote" },
  }) satisfies VersionQuestion;

const EVERYWHERE: Row[] = [
  ["1.11.4", "1.11.4", true],
  ["1.11.4", "1.11.0", true],
  ["1.11.0", "1.11.9", true],
  ["1.11.4", "1.12.0", false],
  ["1.12.0", "1.11.4", false],
  ["1.2.9", "0.14.0", true],
  ["0.14.0", "1.2.9", true],
  ["0.15.5", "1.0.0", true],
  ["1.2.9", "1.3.0", false],
  ["1.3.0", "1.2.9", false],
  ["1.3.0", "1.3.7", true],
  ["0.13.5", "0.13.5", true],
  ["0.13.5", "0.13.4", false],
  ["0.13.5", "0.14.0", false],
  ["2.11.4", "1.11.4", false],
  ["1.11.4", "latest", true],
];
const AS_VERSION: Row[] = [
  ["1.11.4-dev", "1.11.4", true],
  ["1.11.4", "1.11.5-beta1", true],
  ["1.11.4", "v1.11.1", true],
  ["1.11.4", "1.11", true],
  ["1.11.4", "1.11.4.1", false],
  ["1.11.4", "~> 1.11.0", false],
  ["1.11.4", "nonsense", false],
];
const AS_CONSTRAINT: Row[] = [
  ["1.11.4-dev", "1.11.4", false],
  ["1.11.5-beta1", "1.11.5-beta1", true],
  ["1.11.5", "1.11.5-beta1", false],
  ["1.11.4", "~> 1.11.0", true],
  ["1.11.4", "~> 1.10", true],
  ["1.11.4", "~> 1.10.0", false],
  ["1.11.4", ">= 1.5, < 2.0", true],
  ["1.11.4", ">= 1.5, != 1.11.4", false],
  ["1.11.4", ">1.11.4", false],
  ["1.11.4", "<=1.11.4", true],
  ["1.11.4", "= 1.11.4", true],
  ["1.11.4", "nonsense", false],
];
/** From 1.12 on, Terraform's remote backend takes constraints. */
const SINCE_1_12: Row[] = [
  ["1.12.0", "~> 1.12.0", true],
  ["1.12.3", "1.12.0-beta1", false],
  ["1.13.0", ">= 1.5, < 2.0", true],
  ["1.13.0", "1.12.0", false],
  ["1.12.1", "1.12.0", true],
];
const rules = [
  ["tofu", "remote", [...EVERYWHERE, ...AS_VERSION]],
  ["tofu", "cloud", [...EVERYWHERE, ...AS_CONSTRAINT]],
  ["terraform", "remote", [...EVERYWHERE, ...AS_VERSION]],
  ["terraform", "remote", SINCE_1_12],
  ["terraform", "cloud", [...EVERYWHERE, ...AS_CONSTRAINT]],
] as const;

test.each(rules.flatMap(([product, kind, rows]) => rows.map((row) => [product, kind, ...row] as const)))(
  "%s, %s block: binary %s, workspace %s: %s",
  (product, kind, local, remote, agree) => {
    expect(versionMismatch(question(product, kind, local, remote)) === undefined).toBe(agree);
  },
);

test("a workspace that plans locally has no version of its own", () => {
  const asked = question("tofu", "remote", "1.11.4", "1.12.0");
  expect(
    versionMismatch({ ...asked, workspace: { ...asked.workspace, executionMode: "local" } }),
  ).toBeUndefined();
});

test.each([
  [
    "tofu",
    "remote",
    "1.12.0",
    "OpenTofu version mismatch",
    "The local OpenTofu version (1.11.4) does not match the configured version for remote workspace acme/net-prod (1.12.0).",
  ],
  [
    "terraform",
    "remote",
    "1.12.0",
    "Terraform version mismatch",
    "The local Terraform version (1.11.4) does not match the configured version for remote workspace acme/net-prod (1.12.0).",
  ],
  [
    "tofu",
    "cloud",
    "1.12.3",
    "Incompatible TF version",
    "The local OpenTofu version (1.11.4) does not meet the version requirements for remote workspace acme/net-prod (~> 1.12.0).",
  ],
  [
    "terraform",
    "cloud",
    "1.1.0",
    "Incompatible Terraform version",
    "The local Terraform version (1.11.4) does not meet the version requirements for remote workspace acme/net-prod (>= 0.14.0, < 1.3.0).",
  ],
  [
    "tofu",
    "remote",
    "~> 1.12",
    "Error looking up workspace",
    "Invalid OpenTofu version: malformed version: ~> 1.12",
  ],
] as const)("%s, %s block, %s: in the CLI's words", (product, kind, remote, summary, detail) => {
  expect(versionMismatch(question(product, kind, "1.11.4", remote))).toEqual({ summary, detail });
});

const segment = fc.nat({ max: 20 });
const version = fc.tuple(segment, segment, segment).map((parts) => parts.join("."));

test("the order of versions is total and an exact constraint is met by that version alone", () => {
  fc.assert(
    fc.property(version, version, (one, other) => {
      const [left, right] = [parseVersion(one), parseVersion(other)];
      const constraint = parseConstraint(`= ${other}`);
      if (left === undefined || right === undefined || constraint === undefined)
        throw new Error("not parsed");
      expect(Math.sign(compareVersions(left, right))).toBe(-Math.sign(compareVersions(right, left)) + 0);
      expect(meetsConstraint(left, constraint)).toBe(one === other);
      const least = parseConstraint(`>= ${other}`);
      const less = parseConstraint(`< ${other}`);
      if (least === undefined || less === undefined) throw new Error("not parsed");
      expect(meetsConstraint(left, least)).toBe(!meetsConstraint(left, less));
    }),
  );
});

test.each(
  ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0"]
    .map((written, index, all) => [written, all[index + 1]] as const)
    .slice(0, -1),
)("%s comes before %s", (earlier, later) => {
  const [one, other] = [parseVersion(earlier), parseVersion(later ?? "")];
  if (one === undefined || other === undefined) throw new Error("not parsed");
  expect(compareVersions(one, other)).toBeLessThan(0);
  expect(compareVersions(other, one)).toBeGreaterThan(0);
});
