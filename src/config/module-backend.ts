import { type BackendBlock, readBackendBlock } from "./backend-block.ts";
import { type BackendConfigItem, withBackendConfig } from "./backend-config.ts";
import {
  type ConfigurationFile,
  listConfigurationFiles,
  type ModuleDirectory,
  readCandidate,
} from "./directory.ts";
import { type Block, configurationFailure, type ParsedFile, place } from "./syntax.ts";

/** The backend that a root module declares, if any, and the names of the files that were looked at. */
export type ModuleBackend = { block?: BackendBlock; files: string[] };

/**
 * Reads a directory and finds the one `backend` or `cloud` block that counts, overrides applied, and lays over it what
 * `backendConfig` gives.
 * @throws Failure for a directory without configuration, unreadable files, contradictory or invalid blocks; and for a
 * syntax error anywhere when no block was found, because it may be what hides it.
 */
export async function readModuleBackend(
  module: ModuleDirectory,
  backendConfig: readonly BackendConfigItem[] = [],
): Promise<ModuleBackend> {
  const { primary, override } = await listConfigurationFiles(module);
  const parsed = { primary: await parseFiles(primary), override: await parseFiles(override) };
  const block = effectiveBlock(
    parsed.primary.map((file) => file.blocks),
    parsed.override.map((file) => file.blocks),
  );
  const files = [...primary, ...override].map((file) => file.file);
  if (block !== undefined) return { block: readBackendBlock(withBackendConfig(block, backendConfig)), files };
  const hidden = [...parsed.primary, ...parsed.override].find((file) => file.syntaxError !== undefined);
  if (hidden?.syntaxError !== undefined) throw hidden.syntaxError;
  return { files };
}

async function parseFiles(files: ConfigurationFile[]): Promise<ParsedFile[]> {
  const parsed: ParsedFile[] = [];
  for (const file of files) {
    const text = await readCandidate(file);
    if (text !== undefined) parsed.push(await parseFile(text, file));
  }
  return parsed;
}

async function parseFile(text: string, { file, syntax }: ConfigurationFile): Promise<ParsedFile> {
  if (syntax === "native") return (await import("./hcl-blocks.ts")).parseNativeSyntax(text, file);
  return (await import("./json-configuration.ts")).parseJsonSyntax(text, file);
}

/**
 * The block that counts: primary files together may declare one; each override file may replace it, a `backend` also a
 * `cloud` block and the other way round (opentofu internal/configs/module.go).
 */
function effectiveBlock(primary: Block[][], override: Block[][]): Block | undefined {
  const declared = primary.flat();
  const backend = single(ofType(declared, "backend"));
  const cloud = single(ofType(declared, "cloud"));
  if (backend !== undefined && cloud !== undefined) throw bothPresent(backend, cloud);
  const overrides = override.flatMap((blocks) => [
    single(ofType(blocks, "backend")),
    single(ofType(blocks, "cloud")),
  ]);
  return overrides.filter((block) => block !== undefined).at(-1) ?? backend ?? cloud;
}

function ofType(blocks: Block[], type: string): Block[] {
  return blocks.filter((block) => block.type === type);
}

function single(blocks: Block[]): Block | undefined {
  const [first, second] = blocks;
  if (first === undefined || second === undefined) return first;
  const [summary, what] =
    first.type === "cloud"
      ? ["Duplicate cloud configurations", "'cloud' block configuring a cloud backend. A cloud backend"]
      : ["Duplicate backend configuration", "backend configuration. The backend"];
  const detail = `A module may have only one ${what} was previously configured at ${place(first.position)}.`;
  throw configurationFailure({
    summary,
    detail,
    position: second.position,
    remedy: "Remove one of the two blocks.",
  });
}

function bothPresent(backend: Block, cloud: Block): Error {
  return configurationFailure({
    summary: "Both a backend and a cloud configuration are present",
    detail:
      "A module may declare either one 'cloud' block configuring a cloud backend OR one 'backend' block configuring a " +
      `state backend. A cloud backend is configured at ${place(cloud.position)}; a backend is configured at ${place(backend.position)}.`,
    position: backend.position,
    remedy: "Remove one of the two blocks.",
  });
}
