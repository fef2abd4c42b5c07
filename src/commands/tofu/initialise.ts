import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type CommandFacts, takesVariables, variableOptions } from "../../cli/commands.ts";
import { Failure } from "../../failure.ts";
import type { LogPiece } from "../../run/types.ts";
import type { Step } from "../step.ts";
import { type Call, type Called, callBinary } from "./call-binary.ts";
import { firstError } from "./errors.ts";
import type { Prepared } from "./prepare.ts";

/** Lines of standard error that wait until it is known whether they matter. */
const MOST_HELD = 300;
/** Lines of standard output that are looked at for a request to initialise. */
const HEAD_LINES = 100;

/**
 * Calls the binary in an initialised directory. `init` runs first where the directory surely needs it: it was never
 * initialised, or for another place than the inputs say. Otherwise the CLI judges: it refuses before it does anything, and says
 * that `init` has to run; then that is done, once, and the command is called again.
 */
export async function callInitialised(
  step: Step,
  prepared: Prepared,
  { needs, call }: { needs: CommandFacts["needs"]; call: Call },
): Promise<Called> {
  if (needs === "nothing") return callBinary(step, prepared, call);
  const stored = prepared.backend === undefined ? undefined : await readStored(step);
  if (prepared.backend !== undefined && mustInitialise(prepared.backend, { needs, stored })) {
    await initialise(step, prepared, { needs, stored });
    return callBinary(step, prepared, call);
  }
  const { called, asksForInit, held } = await tryCall(step, prepared, call);
  if (!asksForInit) {
    call.onStderr?.(held);
    return called;
  }
  await initialise(step, prepared, { needs, stored });
  return callBinary(step, prepared, call);
}

async function tryCall(step: Step, prepared: Prepared, call: Call) {
  const head: string[] = [];
  const held: LogPiece[] = [];
  let isLive = false;
  const called = await callBinary(step, prepared, {
    ...call,
    onStdout: (pieces) => {
      if (head.length < HEAD_LINES) head.push(...pieces.map(({ text }) => text));
      call.onStdout?.(pieces);
    },
    onStderr: (pieces) => {
      held.push(...pieces);
      // What is longer is no request to initialise, but a trace, for example.
      if (isLive || held.length > MOST_HELD) {
        isLive = true;
        call.onStderr?.(held.splice(0));
      }
    },
  });
  const text = [...head, ...called.stderr].join("\n");
  // Other codes than 1 say what a command has found out.
  const asksForInit = called.code === 1 && !called.interrupted && /\b(?:tofu|terraform) init\b/.test(text);
  return { called, asksForInit, held };
}

/** The arguments of `command: init` with options of its own: those that the inputs stand for come first. */
export function initArguments(
  { backend }: Pick<Prepared, "backend">,
  [name = "init", ...given]: string[],
): string[] {
  return [name, "-input=false", ...(backend?.initOptions ?? []), ...given];
}

/** What `init` wrote down of the backend. */
type Stored = { hostname: unknown; organization: unknown; name: unknown; prefix: unknown };

async function readStored({ inputs, context }: Step): Promise<Stored | undefined> {
  const folder = resolve(inputs.directory, context.environment["TF_DATA_DIR"] || ".terraform");
  try {
    const state: unknown = JSON.parse(await readFile(join(folder, "terraform.tfstate"), "utf8"));
    const config = member(member(state, "backend"), "config");
    const workspaces = member(config, "workspaces");
    return {
      hostname: member(config, "hostname"),
      organization: member(config, "organization"),
      name: member(workspaces, "name"),
      prefix: member(workspaces, "prefix"),
    };
  } catch {
    // Whatever it is, `init` makes it anew.
    return undefined;
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/**
 * The CLI compares the block in the files with the one that `init` saw, but knows nothing of what only the inputs say, now or
 * at that time. A `cloud` block has no such inputs.
 */
function mustInitialise(
  { target, settings }: NonNullable<Prepared["backend"]>,
  { needs, stored }: { needs: CommandFacts["needs"]; stored: Stored | undefined },
): boolean {
  if (stored === undefined) return true;
  if (settings.backend !== "remote") return false;
  const { hostname, organization, name, prefix } = stored;
  if (isOther(normalHostname(hostname), target.hostname) || isOther(organization, target.organization))
    return true;
  if (needs !== "state") return false;
  return typeof prefix === "string" && prefix !== ""
    ? !target.workspace.startsWith(prefix)
    : isOther(name, target.workspace);
}

function isOther(stored: unknown, wanted: string): boolean {
  return typeof stored === "string" && stored !== wanted;
}

/** As targets are written: ASCII, lower case, without the usual port. */
function normalHostname(written: unknown): unknown {
  return typeof written === "string" && URL.canParse(`https://${written}`)
    ? new URL(`https://${written}`).host
    : written;
}

async function initialise(
  step: Step,
  prepared: Prepared,
  { needs, stored }: { needs: CommandFacts["needs"]; stored: Stored | undefined },
): Promise<void> {
  const { inputs, log } = step;
  const { binary, backend } = prepared;
  const options = [
    ...(backend === undefined ? ["-backend=false"] : backend.initOptions),
    // The state is on the server, before and after: nothing is to be copied from one place to the other.
    ...(stored !== undefined && backend?.settings.backend === "remote" ? ["-reconfigure"] : []),
    ...(takesVariables({ needs, variables: "always" }, binary) ? variableOptions(inputs) : []),
  ];
  log.startGroup(`${binary.product} init`);
  const show = (pieces: LogPiece[]) => log.foreign(pieces.map(({ text }) => text));
  try {
    const { code, stderr, interrupted } = await callBinary(step, prepared, {
      arguments: ["init", "-input=false", ...options],
      onStdout: show,
      onStderr: show,
    });
    if (interrupted) step.signal.throwIfAborted();
    // A prefix without a workspace that is selected is no obstacle to making or selecting one.
    const isEnough = needs === "workspaces" && (await readStored(step)) !== undefined;
    if (code !== 0 && !isEnough) {
      const error = firstError(stderr);
      throw new Failure("command-failed", `${binary.product} init failed with exit code ${code}${error}`);
    }
  } finally {
    log.endGroup();
  }
}
