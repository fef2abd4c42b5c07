import type { Context } from "../context.ts";
import type { Failure } from "../failure.ts";
import type { GitHubClient } from "../github/client.ts";
import type { PullRequest } from "../github/event.ts";
import type { Inputs } from "../inputs.ts";
import type { JobLog } from "../job-log.ts";
import type { Outputs } from "../outputs.ts";
import type { Clock } from "../run/types.ts";

/** What a command works with. `signal` is aborted with a Failure when the step has to stop. */
export type Step = {
  inputs: Inputs;
  context: Context;
  log: JobLog;
  signal: AbortSignal;
  /** What every wait of a run's life goes by. */
  clock: Clock;
  /** The pull request that the job is about, if any. */
  pullRequest: PullRequest | undefined;
  /** The GitHub API, opened on first use; `undefined` without a token for it. */
  github: () => Promise<GitHubClient | undefined>;
};

/** What a command found out: the outputs it knows, and why the step fails, if it does. */
export type StepResult = { outputs: Partial<Outputs>; failure?: Failure };

export type Command = (step: Step) => Promise<StepResult>;
