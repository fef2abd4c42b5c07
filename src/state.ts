import { getState, saveState } from "@actions/core";

/**
 * What main leaves for post: enough to find a run that main could not settle. Written before each request that
 * creates something, so that a run whose answer never came can still be found by its configuration version.
 */
export type UnsettledRun = {
  hostname: string;
  organization: string;
  workspace: string;
  workspaceId: string;
  configurationVersionId: string;
  /** `""` while the answer to the POST has not been seen. */
  runId: string;
  /** It may be applied because of this step, and is to be cancelled all the same. */
  confirmed?: boolean;
};

const NAME = "unsettled-run";

/** Saves the run for post, or that there is none any more. The token is not part of it: post reads it again. */
export function saveUnsettledRun(run: UnsettledRun | undefined): void {
  saveState(NAME, run === undefined ? "" : JSON.stringify(run));
}

/** The run that main left, `undefined` when it settled everything. Ignores a state that is not ours. */
export function readUnsettledRun(): UnsettledRun | undefined {
  const text = getState(NAME);
  if (text === "") return undefined;
  const value: unknown = JSON.parse(text);
  const field = (name: string) => {
    const found = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
    return typeof found === "string" ? found : "";
  };
  const run = {
    hostname: field("hostname"),
    organization: field("organization"),
    workspace: field("workspace"),
    workspaceId: field("workspaceId"),
    configurationVersionId: field("configurationVersionId"),
    runId: field("runId"),
    confirmed: typeof value === "object" && value !== null && Reflect.get(value, "confirmed") === true,
  };
  return run.hostname === "" || run.workspaceId === "" ? undefined : run;
}
