import { type Hold, hold, type RunFacts } from "./facts.ts";

/** What a run's status says to who wants to confirm it. `rest`: where a run waits for its confirmation. */
export type ConfirmStage =
  | "underway"
  | "rest"
  | "person"
  | "applying"
  | "apply-person"
  | "applied"
  | "nothing"
  | "discarded"
  | "canceled"
  | "errored"
  | "policy";

/** Every documented run status: go-tfe run.go, HCP Terraform's "run states", OTF's internal/runstatus, Terrakube. */
export const CONFIRM_STAGES: Readonly<Record<string, ConfirmStage>> = {
  pending: "underway",
  fetching: "underway",
  fetching_completed: "underway",
  pre_plan_running: "underway",
  pre_plan_completed: "underway",
  pre_plan_awaiting_decision: "person",
  queuing: "underway",
  plan_queued: "underway",
  planning: "underway",
  planned: "rest",
  cost_estimating: "underway",
  cost_estimated: "rest",
  policy_checking: "underway",
  policy_checked: "rest",
  policy_override: "person",
  post_plan_running: "underway",
  post_plan_completed: "rest",
  post_plan_awaiting_decision: "person",
  planned_and_saved: "rest",
  confirmed: "applying",
  queuing_apply: "applying",
  apply_queued: "applying",
  pre_apply_running: "applying",
  pre_apply_completed: "applying",
  pre_apply_awaiting_decision: "apply-person",
  applying: "applying",
  applied: "applied",
  planned_and_finished: "nothing",
  policy_soft_failed: "policy",
  discarded: "discarded",
  errored: "errored",
  canceled: "canceled",
  force_canceled: "canceled",
  running: "underway",
  finished: "nothing",
  unknown: "person",
};

/** The stage of a run; a status that nobody documented is underway, and so never confirmed. */
export function confirmStage(status: string): ConfirmStage {
  return (Object.hasOwn(CONFIRM_STAGES, status) ? CONFIRM_STAGES[status] : undefined) ?? "underway";
}

const SENTENCES: Readonly<Record<Exclude<ConfirmStage, "rest">, [Hold["reason"], string]>> = {
  underway: ["input", "it is not planned yet, or is still being checked"],
  person: [
    "needs-approval",
    "a policy or a run task waits for somebody's decision: who may override it does so on the run's page",
  ],
  applying: ["confirmed-elsewhere", "it was confirmed by somebody else and is being applied"],
  "apply-person": ["confirmed-elsewhere", "it was confirmed by somebody else and waits for a decision"],
  applied: ["confirmed-elsewhere", "it was confirmed by somebody else and is applied"],
  nothing: ["input", "it has ended, without changes or as a plan only"],
  discarded: ["run-discarded", "it was discarded"],
  canceled: ["run-canceled", "it was canceled"],
  errored: ["run-errored", "it failed"],
  policy: ["policy", "a policy did not pass"],
};

/**
 * Why a run cannot be confirmed now, as the reason and the second half of a sentence. The status and `is-confirmable` must
 * agree: Terrakube says `true` of every run, HCP Terraform rests in `planned` while checks are still to come.
 */
export function whyNotConfirmable(run: RunFacts): [Hold["reason"], string] | undefined {
  if (run.planOnly !== false) return ["input", "it is a plan only, which cannot be applied"];
  const stage = confirmStage(run.status);
  if (stage !== "rest") return SENTENCES[stage];
  if (run.confirmable !== true) return ["input", "the server does not let it be confirmed"];
  if (run.autoApply !== false) return ["server", "the server would apply, or may apply, it by itself"];
  return run.canApply === false ? ["forbidden", "this token may not apply it"] : undefined;
}

/** The same as a whole sentence. */
export function holdUnconfirmable(run: RunFacts): Hold | undefined {
  const why = whyNotConfirmable(run);
  return why && hold(why[0], `Run ${run.id} is not applied: ${why[1]} (status ${run.status}).`);
}
