import { setOutput } from "@actions/core";
import { Failure } from "./failure.ts";

/** The outputs of action.yml. `""` is what an output says when there is nothing to tell. */
export type Outputs = {
  status:
    | "planned"
    | "no-changes"
    | "applied"
    | "held"
    | "errored"
    | "canceled"
    | "discarded"
    | "timed-out"
    | "policy-failed"
    | "done"
    | "unknown";
  "failure-reason": string;
  "run-id": string;
  "run-url": string;
  workspace: string;
  "workspace-id": string;
  "has-changes": "true" | "false" | "";
  add: string;
  change: string;
  destroy: string;
  import: string;
  move: string;
  forget: string;
  "plan-text-file": string;
  "plan-json-file": string;
  "log-file": string;
  "comment-file": string;
  "comment-url": string;
  "archive-file": string;
  "archive-digest": string;
  applied: "true" | "false";
  "plan-digest": string;
  outputs: string;
  "outputs-file": string;
};

/** Every output with the value of a step that found out nothing: whatever goes wrong, all of them are written. */
export const UNKNOWN: Readonly<Outputs> = {
  status: "unknown",
  "failure-reason": "",
  "run-id": "",
  "run-url": "",
  workspace: "",
  "workspace-id": "",
  "has-changes": "",
  add: "",
  change: "",
  destroy: "",
  import: "",
  move: "",
  forget: "",
  "plan-text-file": "",
  "plan-json-file": "",
  "log-file": "",
  "comment-file": "",
  "comment-url": "",
  "archive-file": "",
  "archive-digest": "",
  applied: "false",
  "plan-digest": "",
  outputs: "",
  "outputs-file": "",
};

/** Statuses that end the step with exit code 0. */
export const SUCCESSES: ReadonlySet<string> = new Set(["planned", "no-changes", "applied", "done"]);

/** Writes all outputs. Throws Failure (reason `outputs`) when the runner's file does not take them. */
export function writeOutputs(outputs: Outputs): void {
  try {
    for (const [name, value] of Object.entries(outputs)) setOutput(name, value);
  } catch (cause) {
    throw new Failure(
      "outputs",
      "The outputs of this step cannot be written to GITHUB_OUTPUT: is the disk full?",
      { cause },
    );
  }
}
