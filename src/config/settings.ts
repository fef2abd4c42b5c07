import { Failure, type SourcePosition } from "../failure.ts";
import { textOf } from "./argument.ts";
import type { BackendBlock } from "./backend-block.ts";
import type { Environment } from "./credentials.ts";
import { parseHostname } from "./hostname.ts";
import { type Attribute, configurationFailure } from "./syntax.ts";

type Setting = { name: "hostname" | "organization"; input: string | undefined; variable: string };

/** Where settings come from besides the inputs. */
export type Source = { block: BackendBlock | undefined; environment: Environment };

type Found = { value: string; position?: SourcePosition; from: string };

/**
 * The server's hostname in comparison form: from the input, the block, or `TF_CLOUD_HOSTNAME` for a `cloud` block.
 * @throws Failure where none gives one (OpenTofu has no default), or one that is no hostname.
 */
export function resolveHostname(input: string | undefined, source: Source): string {
  const found = findSetting({ name: "hostname", input, variable: "TF_CLOUD_HOSTNAME" }, source);
  if (found === undefined) throw missingHostname(source.block);
  const parsed = parseHostname(found.value);
  if (!("error" in parsed)) return parsed.hostname;
  const detail = `${found.from} is ${JSON.stringify(found.value)}: ${parsed.error}.`;
  const remedy = "Write it like app.example.com or app.example.com:8443.";
  if (found.position === undefined) throw new Failure("input", `Invalid hostname: ${detail} ${remedy}`);
  throw configurationFailure({ summary: "Invalid hostname", detail, position: found.position, remedy });
}

function missingHostname(block: BackendBlock | undefined): Failure {
  const kind = block?.kind ?? "remote";
  return problemOf(block, {
    summary: `Hostname is required for the ${kind} backend`,
    detail: `OpenTofu does not provide a default "hostname" attribute, so it must be set to the hostname of the ${kind} backend.`,
    remedy: `Set the input hostname${kind === "cloud" ? " or TF_CLOUD_HOSTNAME" : ""}, or add hostname = "…" to the block.`,
  });
}

/**
 * The organization: from the input, the block, or `TF_CLOUD_ORGANIZATION` for a `cloud` block.
 * @throws Failure where none gives one.
 */
export function resolveOrganization(input: string | undefined, source: Source): string {
  const found = findSetting({ name: "organization", input, variable: "TF_CLOUD_ORGANIZATION" }, source);
  if (found === undefined) throw missingOrganization(source.block);
  return requireName(found.value, "organization", found.position);
}

function missingOrganization(block: BackendBlock | undefined): Failure {
  const remedy = 'Set the input organization, or add organization = "…" to the block.';
  if (block?.kind === "cloud") {
    const detail =
      '"organization" must be set in the cloud configuration or as an environment variable: TF_CLOUD_ORGANIZATION.';
    return problemOf(block, { summary: "Invalid or missing required argument", detail, remedy });
  }
  const detail = 'The "organization" attribute value must not be empty.';
  return problemOf(block, { summary: "Invalid organization value", detail, remedy }, block?.organization);
}

function problemOf(
  block: BackendBlock | undefined,
  problem: { summary: string; detail: string; remedy: string },
  attribute?: Attribute,
): Failure {
  const position = attribute?.position ?? block?.position;
  if (position !== undefined) return configurationFailure({ ...problem, position });
  return new Failure("input", `${problem.summary}: ${problem.detail} ${problem.remedy}`);
}

/** Input, then block; the `TF_CLOUD_*` variables count for `cloud` blocks only. */
function findSetting({ name, input, variable }: Setting, { block, environment }: Source): Found | undefined {
  if (input !== undefined) return { value: input, from: `The input ${name}` };
  const attribute = block?.[name];
  const text = textOf(attribute, `Set the input ${name}.`);
  if (text !== undefined && attribute !== undefined) {
    return { value: text, position: attribute.position, from: attribute.from ?? `The argument "${name}"` };
  }
  const value = block?.kind === "cloud" ? environment[variable] : undefined;
  return value ? { value, from: `The variable ${variable}` } : undefined;
}

/**
 * Returns a name that can be part of a URL path: no slash, space or control character, and not `..`.
 * @throws Failure that names the input to set.
 */
export function requireName(
  value: string,
  name: "organization" | "workspace",
  position: SourcePosition | undefined,
): string {
  if (/^[^/\s\p{Cc}]+$/u.test(value) && value !== "." && value !== "..") return value;
  const detail = `${JSON.stringify(value)} cannot be the name of ${name === "workspace" ? "a workspace" : "an organization"}.`;
  const remedy = `Set the input ${name} to the name that the server shows.`;
  if (position === undefined) throw new Failure("input", `Invalid ${name} name: ${detail} ${remedy}`);
  throw configurationFailure({ summary: `Invalid ${name} name`, detail, position, remedy });
}
