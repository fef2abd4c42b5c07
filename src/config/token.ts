import { homedir } from "node:os";
import { textOf } from "./argument.ts";
import type { BackendBlock } from "./backend-block.ts";
import { askHelper, findHelper, type RunProgram } from "./cli-configuration/helper.ts";
import { type CliConfiguration, loadCliConfiguration } from "./cli-configuration/load.ts";
import { pluginFolders } from "./cli-configuration/locations.ts";
import {
  type Environment,
  environmentToken,
  environmentTokens,
  type FoundToken,
  missingToken,
  usableToken,
} from "./credentials.ts";

/** What finding a token does to the world around it. */
export type Surroundings = {
  /** Runs a credentials helper; without it there is none. */
  run?: RunProgram;
  /** Called with every token that is found, before anything else happens. */
  mask?: (secret: string) => void;
  /** Called with what is wrong with the CLI's configuration. */
  warn?: (text: string) => void;
};

export type TokenRequest = {
  /** The input; empty where it is not given. */
  token?: string;
  hostname: string;
  block: BackendBlock | undefined;
  environment: Environment;
  /** What relative paths in variables are relative to. */
  workspaceRoot: string;
};

/** `services`: the URLs of the host's services, where the CLI's configuration has them. */
export type Access = FoundToken & { services?: Readonly<Record<string, string>> };

/**
 * The token for a host, in this order: input, the block's own, `TF_TOKEN_*`, `credentials` blocks of the CLI's
 * configuration, credentials helper. A source that has an entry ends the search, also an empty one.
 * @throws Failure where there is none, or one that cannot be sent.
 */
export async function findAccess(request: TokenRequest, around: Surroundings): Promise<Access> {
  const { hostname, environment, workspaceRoot } = request;
  const configuration = await loadCliConfiguration(environment, process, workspaceRoot);
  const others = [...configuration.credentials.values()].map(({ token }) => token);
  for (const token of [...others, ...environmentTokens(environment)]) if (token) around.mask?.(token);
  for (const problem of configuration.problems) around.warn?.(problem);
  const found =
    givenToken(request) ??
    environmentToken(hostname, environment) ??
    fileToken(hostname, configuration) ??
    (await helperToken(request, configuration, around));
  if ("ended" in found) throw missingToken(hostname, undefined, [...found.ended, ...configuration.problems]);
  if (found.token === "") throw missingToken(hostname, found.source, configuration.problems);
  around.mask?.(found.token);
  const services = configuration.services.get(hostname);
  return { ...usableToken(found), ...(services !== undefined && { services }) };
}

function givenToken({ token: input, block }: TokenRequest): FoundToken | undefined {
  if (input) return { token: input, source: "the input token" };
  const remedy = "Set the input token to a secret; a token does not belong into the configuration.";
  const token = textOf(block?.token, remedy);
  if (token === undefined) return undefined;
  return { token, source: block?.kind === "cloud" ? "the cloud block's token" : "the backend block's token" };
}

/** The search ended without a token; why, in sentences. */
type Ended = { ended: string[] };

function fileToken(hostname: string, { credentials }: CliConfiguration): FoundToken | Ended | undefined {
  const block = credentials.get(hostname);
  if (block === undefined) return undefined;
  const source = `the credentials block for ${hostname} in ${shortPath(block.file)}`;
  if (block.token) return { token: block.token, source };
  return { ended: [`${source.replace("the", "The")} has no token, which ends the search.`] };
}

async function helperToken(
  { hostname, environment }: TokenRequest,
  { helper }: CliConfiguration,
  { run }: Surroundings,
): Promise<FoundToken | Ended> {
  if (helper === undefined || run === undefined) return { ended: [] };
  const folders = pluginFolders(environment, process);
  const program = await findHelper(helper.name, folders);
  const name = `The credentials helper ${JSON.stringify(helper.name)} (${shortPath(helper.file)})`;
  if (program === undefined) {
    const file = `terraform-credentials-${helper.name}`;
    return { ended: [`${name} is not there: no file ${file} in ${folders.map(shortPath).join(", ")}.`] };
  }
  const answer = await askHelper(run, { program, args: helper.args }, hostname);
  if ("problem" in answer) return { ended: [`${name} gave no token: ${answer.problem}.`] };
  if (!answer.token) return { ended: [`${name} has no token for ${hostname}.`] };
  return { token: answer.token, source: `the credentials helper ${helper.name}` };
}

function shortPath(path: string): string {
  const home = homedir();
  return home.length > 1 && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
