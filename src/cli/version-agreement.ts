import { compareSegments, compareVersions, parseVersion, type Version } from "./version.ts";
import { meetsConstraint, parseConstraint } from "./version-constraint.ts";

/** Which versions are to agree; `kind` is the block that names the workspace. */
export type VersionQuestion = {
  binary: { product: "tofu" | "terraform"; version: string };
  kind: "remote" | "cloud";
  organization: string;
  workspace: { name: string; terraformVersion: string; executionMode: string };
};

/** Why the versions do not agree, as the CLI says it, without what can be done about it. */
export type VersionMismatch = { summary: string; detail: string };

const NAMES = { tofu: "OpenTofu", terraform: "Terraform" } as const;

/**
 * Whether a binary may write the state of a workspace, so that the server's own version can go on reading it. The binary
 * asks the same before it writes: with a `remote` backend OpenTofu, and Terraform before 1.12, compare two versions; all others
 * take the workspace's for a constraint (VerifyWorkspaceTerraformVersion in internal/backend/remote/backend.go and internal/cloud/backend.go of
 * opentofu and of terraform). `undefined`: they agree.
 */
export function versionMismatch(question: VersionQuestion): VersionMismatch | undefined {
  const { binary, kind, workspace } = question;
  if (workspace.terraformVersion === "latest" || workspace.executionMode === "local") return undefined;
  const local = parseVersion(binary.version);
  if (local === undefined) {
    return {
      summary: `${NAMES[binary.product]} version mismatch`,
      detail: `The binary's own version (${binary.version}) is none.`,
    };
  }
  const isVersion = kind === "remote" && (binary.product === "tofu" || isBefore(local, V1_12));
  return isVersion ? byVersions(question, local) : byConstraint(question, local);
}

const V0_14 = [0, 14, 0];
const V1_3 = [1, 3, 0];
const V1_12 = [1, 12, 0];

function byVersions(question: VersionQuestion, local: Version): VersionMismatch | undefined {
  const remote = parseVersion(question.workspace.terraformVersion);
  if (remote === undefined) {
    const { product } = question.binary;
    const malformed = product === "tofu" ? "malformed" : "Malformed";
    const detail = `Invalid ${NAMES[product]} version: ${malformed} version: ${question.workspace.terraformVersion}`;
    return { summary: "Error looking up workspace", detail };
  }
  // Of its own version, the binary compares what is before the prerelease.
  const release = { ...local, prerelease: "" };
  return agree(release, remote) ? undefined : mismatch(question);
}

function isBefore(version: Version, [major = 0, minor = 0]: number[]): boolean {
  return compareVersions(version, { segments: [major, minor, 0], written: 3, prerelease: "" }) < 0;
}

function agree(local: Version, remote: Version): boolean {
  // Versions before 0.14 refuse every state of a later one.
  if (isBefore(local, V0_14) || isBefore(remote, V0_14)) return compareVersions(local, remote) === 0;
  if (isBefore(local, V1_3) && isBefore(remote, V1_3)) return true;
  if (local.segments.length !== 3 || remote.segments.length !== 3) return false;
  return compareSegments(local.segments.slice(0, 2), remote.segments.slice(0, 2)) === 0;
}

function byConstraint(question: VersionQuestion, local: Version): VersionMismatch | undefined {
  const { binary, kind, organization, workspace } = question;
  const name = NAMES[binary.product];
  const incompatible = `Incompatible ${binary.product === "tofu" ? "TF" : name} version`;
  const constraint = parseConstraint(loosened(workspace.terraformVersion));
  if (constraint === undefined) {
    const noun = binary.product === "tofu" ? "TF" : name;
    const detail =
      `The remote workspace specified an invalid ${noun} version or constraint (${workspace.terraformVersion}), ` +
      `and it isn't possible to determine whether the local ${name} version (${binary.version}) is compatible.`;
    return { summary: incompatible, detail };
  }
  if (meetsConstraint(local, constraint)) return undefined;
  if (kind === "remote") return mismatch(question);
  const detail =
    `The local ${name} version (${binary.version}) does not meet the version requirements for remote workspace ` +
    `${organization}/${workspace.name} (${constraint.text}).`;
  return { summary: incompatible, detail };
}

/** States of one minor version are compatible, and so are those from 0.14 to 1.2. */
function loosened(written: string): string {
  const version = parseVersion(written);
  if (version === undefined || version.prerelease !== "" || compareSegments(version.segments, V0_14) < 0)
    return written;
  if (compareSegments(version.segments, V1_3) < 0) return ">= 0.14.0, < 1.3.0";
  return `~> ${version.segments[0]}.${version.segments[1]}.0`;
}

function mismatch({ binary, organization, workspace }: VersionQuestion): VersionMismatch {
  const name = NAMES[binary.product];
  return {
    summary: `${name} version mismatch`,
    detail:
      `The local ${name} version (${binary.version}) does not match the configured version for remote workspace ` +
      `${organization}/${workspace.name} (${workspace.terraformVersion}).`,
  };
}
