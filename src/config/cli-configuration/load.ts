import { open, readFile } from "node:fs/promises";
import type { Environment } from "../credentials.ts";
import { parseHostname } from "../hostname.ts";
import type { ConfigurationBlocks } from "./blocks.ts";
import { findLocations, type Machine } from "./locations.ts";

/** The CLI's configuration as far as it says where a host's API is and which token it takes. */
export type CliConfiguration = {
  /** By host in comparison form. A block without a token is there: it ends the search. */
  credentials: Map<string, { token: string | undefined; file: string }>;
  /** Services of hosts whose discovery document is not to be asked for: name → URL. */
  services: Map<string, Readonly<Record<string, string>>>;
  helper: { name: string; args: string[]; file: string } | undefined;
  /** What is wrong with the files, a sentence each. As for the CLI, nothing of it is an error by itself. */
  problems: string[];
};

type Loading = CliConfiguration & { helpers: Map<string, { args: string[]; file: string }> };

/**
 * Reads the CLI's configuration: the main file and, unless a variable names that, those of the configuration directory;
 * what is read later counts more (opentofu internal/command/cliconfig/cliconfig.go). `folder`: what relative paths in
 * variables are relative to.
 */
export async function loadCliConfiguration(
  environment: Environment,
  machine: Machine,
  folder: string,
): Promise<CliConfiguration> {
  const loading: Loading = {
    credentials: new Map(),
    services: new Map(),
    helper: undefined,
    problems: [],
    helpers: new Map(),
  };
  const { main, more } = await findLocations(environment, machine, folder);
  if (await canBeOpened(main, loading.problems)) await readInto(loading, main.file);
  for (const file of more) await readInto(loading, file);
  const { helpers, ...configuration } = loading;
  return { ...configuration, helper: theHelper(helpers, loading.problems) };
}

/** A file that nobody named need not be there. */
async function canBeOpened(
  { file, named }: { file: string; named: string | undefined },
  problems: string[],
): Promise<boolean> {
  try {
    await (await open(file)).close();
    return true;
  } catch (error) {
    if (named === undefined && codeOf(error) === "ENOENT") return false;
    const where = named === undefined ? file : `${file} (${named})`;
    const what = codeOf(error) === "ENOENT" ? "does not exist" : `cannot be opened (${codeOf(error)})`;
    problems.push(`The CLI configuration file ${where} ${what}.`);
    return false;
  }
}

async function readInto(loading: Loading, file: string): Promise<void> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    loading.problems.push(`The CLI configuration file ${file} cannot be read (${codeOf(error)}).`);
    return "";
  });
  if (text.trim() === "") return;
  const { noBlocks, decodeBlocks } = await import("./blocks.ts");
  const { parseHcl1 } = await import("./hcl1.ts");
  const blocks = noBlocks();
  try {
    decodeBlocks(parseHcl1(text), blocks);
  } catch (error) {
    if (!isSyntaxError(error)) throw error;
    loading.problems.push(
      `The CLI configuration file ${file} cannot be read: line ${error.line}: ${error.message}.`,
    );
  }
  merge(loading, blocks, file);
}

function merge(loading: Loading, { credentials, hosts, helpers }: ConfigurationBlocks, file: string): void {
  const hostOf = (type: string, given: string) => {
    const parsed = parseHostname(given);
    if (!("error" in parsed)) return parsed.hostname;
    const name = JSON.stringify(given);
    loading.problems.push(`The ${type} ${name} block in ${file} has an invalid hostname: ${parsed.error}.`);
    return undefined;
  };
  for (const [given, services] of hosts) {
    const host = hostOf("host", given);
    if (host !== undefined) loading.services.set(host, services);
  }
  for (const [given, { token }] of credentials) {
    const host = hostOf("credentials", given);
    if (host !== undefined) loading.credentials.set(host, { token, file });
  }
  for (const [name, { args }] of helpers) loading.helpers.set(name, { args, file });
}

/** Of several the CLI uses any one, so that none can be relied on. */
function theHelper(helpers: Loading["helpers"], problems: string[]): CliConfiguration["helper"] {
  const [first, ...others] = helpers;
  if (others.length > 0) {
    const names = [...helpers.keys()].join(", ");
    problems.push(`No more than one credentials_helper block may be specified; none is used (${names}).`);
    return undefined;
  }
  return first === undefined ? undefined : { name: first[0], ...first[1] };
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "unknown error";
}

function isSyntaxError(error: unknown): error is Error & { line: number } {
  return error instanceof Error && error.name === "Hcl1Error" && "line" in error;
}
