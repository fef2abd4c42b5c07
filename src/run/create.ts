import { ApiError } from "../api/errors.ts";
import type { Run, RunAttributes, Server } from "../api/types.ts";
import { Failure } from "../failure.ts";
import { isFinal } from "./status.ts";
import { stopRun } from "./stop.ts";
import type { Clock, RunMemory } from "./types.ts";
import { waitUntilUploaded } from "./upload.ts";

export type CreateRunOptions = {
  workspaceId: string;
  /** Made by this step and used for this run only: the key by which the run is found again. */
  configurationVersionId: string;
  attributes: RunAttributes;
  clock: Clock;
  signal: AbortSignal;
  /** Called before each POST, and with the run's id as soon as it is known. */
  remember: (memory: RunMemory) => void;
};

const MOST_POSTS = 3;
/** Pauses before the looks for a run whose POST went unanswered: three looks within 20 s, as servers lag. */
const PAUSES_BEFORE_LOOKS = [500, 6_500, 13_000];
/** How many of a workspace's newest runs are looked through. */
const RUNS_LOOKED_THROUGH = 50;
const MOST_UPLOAD_RETRIES = 3;
const UPLOAD_RETRY_PAUSE = 500;
const STOP_TWIN_WITHIN = 6_000;

/**
 * Creates exactly one run. The API has no idempotency key, so after a POST whose effect is unknown the run is looked
 * up by its configuration version and adopted; only when it is not found is it asked for again, and then a twin that
 * turns up is stopped. Throws ApiError when the server refuses, or when it cannot be found out what became of a POST.
 */
export async function createRunOnce(server: Server, options: CreateRunOptions): Promise<Run> {
  const { configurationVersionId } = options;
  for (let post = 1; ; post++) {
    options.remember({ configurationVersionId });
    const answer = await postRun(server, options);
    const run = answer.run ?? (await lookForRun(server, options));
    if (run !== undefined) {
      options.remember({ configurationVersionId, runId: run.id });
      if (post > 1 || answer.run === undefined) await stopTwins(server, options, run);
      return run;
    }
    if (answer.run === undefined && post === MOST_POSTS) throw answer.error;
  }
}

type PostAnswer = { run: Run } | { run: undefined; error: ApiError };

/** One POST; one that came too early for the server is repeated, for it made nothing. */
async function postRun(server: Server, options: CreateRunOptions): Promise<PostAnswer> {
  for (let attempt = 0; ; attempt++) {
    try {
      return {
        run: await server.createRun(options.workspaceId, options.configurationVersionId, options.attributes),
      };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (mayHaveTakenEffect(error)) return { run: undefined, error };
      if (!isTooEarly(error) || attempt === MOST_UPLOAD_RETRIES) throw error;
      await options.clock.sleep(UPLOAD_RETRY_PAUSE, options.signal);
      await waitUntilUploaded(server, options.configurationVersionId, options);
    }
  }
}

function mayHaveTakenEffect(error: ApiError): boolean {
  return error.ambiguous || (error.status !== undefined && error.status >= 500);
}

/** HCP Terraform answers 422 while it has not taken in the configuration version's archive. */
function isTooEarly(error: ApiError): boolean {
  return error.status === 422 && /configuration[ _-]version/i.test(error.message);
}

async function lookForRun(server: Server, options: CreateRunOptions): Promise<Run | undefined> {
  for (const pause of PAUSES_BEFORE_LOOKS) {
    await options.clock.sleep(pause, options.signal);
    const found = await runsOf(server, options);
    // The oldest of several is the one kept.
    const run = found.filter((candidate) => !isFinal(candidate.status)).at(-1) ?? found.at(-1);
    if (run !== undefined) return run;
  }
  return undefined;
}

async function runsOf(server: Server, options: CreateRunOptions): Promise<Run[]> {
  const runs = await server.listRuns(options.workspaceId, RUNS_LOOKED_THROUGH);
  if (runs.length > 0 && runs.every((run) => run.configurationVersionId === undefined)) {
    throw new Failure(
      "unreachable",
      "The server did not answer the request that creates the run, and its list of runs does not tell whether " +
        "the run was made. Look at the workspace's runs, discard one that should not be there, and start this job again.",
    );
  }
  return runs.filter((run) => run.configurationVersionId === options.configurationVersionId);
}

/**
 * Stops other runs of the same configuration version: what an unanswered POST made after all. The run that is kept is
 * not given up when this look fails.
 */
async function stopTwins(server: Server, options: CreateRunOptions, kept: Run): Promise<void> {
  for (const run of await runsOf(server, options).catch(noRunsKnown)) {
    if (run.id === kept.id || isFinal(run.status)) continue;
    await stopRun(server, { runId: run.id }, { clock: options.clock, deadlineMs: STOP_TWIN_WITHIN });
  }
}

function noRunsKnown(error: unknown): Run[] {
  if (error instanceof Failure) return [];
  throw error;
}
