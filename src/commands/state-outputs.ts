import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ApiError } from "../api/errors.ts";
import type { Server, StateOutput, Workspace } from "../api/types.ts";
import { Failure } from "../failure.ts";
import type { JobLog } from "../job-log.ts";
import type { JsonValue } from "../json.ts";
import type { Outputs } from "../outputs.ts";
import { formatValue } from "../plan/format-value.ts";

/** The outputs of a state, in the order of their names. `hidden`: names of those whose values this token may not read. */
export type ReadOutputs = { outputs: StateOutput[]; hidden: string[] };

/** Values are asked for one by one where a list leaves them out; so many at a time. */
const AT_ONCE = 8;
/** A number is only masked when it is long enough to be a secret: every `1` in the log would go with it. */
const SHORTEST_NUMBER = 4;

/**
 * Reads the outputs of the workspace's current state, all of them or the one of that name, with the values of sensitive ones, which
 * are masked before this returns. No state counts as one without outputs.
 * @throws ApiError; Failure `forbidden` where the token may not read outputs.
 */
export async function readOutputs(
  server: Server,
  workspace: Workspace,
  { log, name }: { log: JobLog; name?: string | undefined },
): Promise<ReadOutputs> {
  const listed = await server.readStateOutputs(workspace.id);
  if (listed === undefined && workspace.permissions.canReadStateOutputs === false) {
    throw new Failure(
      "forbidden",
      `The token may not read the outputs of the workspace ${workspace.name}: give it the permission to read state outputs.`,
    );
  }
  const wanted = (listed ?? []).filter((output) => name === undefined || output.name === name);
  wanted.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  maskAll(wanted, log);
  const hidden: string[] = [];
  const outputs: StateOutput[] = [];
  for (let start = 0; start < wanted.length; start += AT_ONCE) {
    const some = wanted.slice(start, start + AT_ONCE);
    const read = await Promise.all(some.map((output) => withValue(server, output)));
    maskAll(
      read.filter((output) => output !== undefined),
      log,
    );
    for (const [index, listedOne] of some.entries()) {
      const output = read[index];
      if (output === undefined) hidden.push(listedOne.name);
      else outputs.push(output);
    }
  }
  return { outputs, hidden };
}

/** Servers leave the values of sensitive outputs out of lists. */
async function withValue(server: Server, output: StateOutput): Promise<StateOutput | undefined> {
  if (!output.sensitive || output.value !== null) return output;
  try {
    // That it is sensitive is not to be unsaid.
    return { ...(await server.readStateOutput(output.id)), name: output.name, sensitive: true };
  } catch (error) {
    if (error instanceof ApiError && (error.status === 403 || error.status === 404)) return undefined;
    throw error;
  }
}

function maskAll(outputs: StateOutput[], log: JobLog): void {
  for (const { sensitive, value } of outputs) if (sensitive) maskLeaves(value, log);
}

function maskLeaves(value: JsonValue, log: JobLog): void {
  if (typeof value === "string") log.mask(value);
  else if (typeof value === "number") {
    const digits = String(value);
    if (digits.length >= SHORTEST_NUMBER) log.mask(digits);
  } else if (typeof value === "object" && value !== null) {
    for (const member of Object.values(value)) maskLeaves(member, log);
  }
}

/** The step's outputs about them: the harmless ones, and a file (mode 0600) in `folder` with all. */
export async function outputsOfState(
  { outputs }: ReadOutputs,
  folder: string,
): Promise<Pick<Outputs, "outputs" | "outputs-file">> {
  const file = join(folder, "outputs.json");
  await writeFile(file, `${JSON.stringify(valuesOf(outputs), undefined, 2)}\n`, { mode: 0o600 });
  await chmod(file, 0o600);
  const harmless = outputs.filter(({ sensitive }) => !sensitive);
  return { outputs: JSON.stringify(valuesOf(harmless)), "outputs-file": file };
}

function valuesOf(outputs: StateOutput[]): { [name: string]: JsonValue } {
  return Object.fromEntries(outputs.map(({ name, value }) => [name, value]));
}

/** What of them is left out of the file, in a sentence; `undefined` where nothing is. */
export function hiddenNote({ hidden }: ReadOutputs): string | undefined {
  if (hidden.length === 0) return undefined;
  return (
    `This token may not read the values of sensitive outputs, so outputs-file is without ${hidden.join(", ")}: ` +
    "give it the permission to read state versions."
  );
}

/**
 * As `tofu output` prints them, line by line and without sensitive values, not even of one that was asked for by its name.
 * `hide`: without any values; `bare`: without the names.
 */
export function outputLines(
  { outputs, hidden }: ReadOutputs,
  { values, bare = false }: { values: "show" | "hide"; bare?: boolean },
): string[] {
  const shown = outputs.map(({ name, sensitive, value, type }) => {
    const text = sensitive ? "<sensitive>" : values === "hide" ? "<hidden>" : formatValue(value, type);
    return { name, text };
  });
  return [...shown, ...hidden.map((name) => ({ name, text: "<sensitive>" }))].flatMap(({ name, text }) =>
    (bare ? text : `${oneLine(name)} = ${text}`).split("\n"),
  );
}

/** A name with line breaks in it could forge an output of its own. */
function oneLine(name: string): string {
  return name.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ");
}
