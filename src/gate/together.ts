import { type Decision, hold, type RunFacts } from "./facts.ts";

/** What was decided by the reviews of one of the pull requests that a push brought. */
export type DecidedPull = { number: number; decision: Decision };

/**
 * One decision for pull requests that were merged by one push, as a merge queue does with a group. What is applied has to be a
 * plan that was reviewed, whole: so at most one of them may have a reviewed plan with changes of this workspace. Of several
 * nobody saw the plan of all, and a plan that the queue had made of the group is shown to nobody who could still say no.
 * The first is the one that was merged last.
 */
export function decideTogether(decided: [DecidedPull, ...DecidedPull[]]): DecidedPull {
  const [last, ...others] = decided;
  if (others.length === 0) return last;
  const reviewed = decided.filter(({ decision }) => reviewOf(decision) !== undefined);
  const changing = reviewed.filter(({ decision }) => reviewOf(decision)?.hasChanges !== false);
  if (changing.length > 1) return { number: last.number, decision: heldTogether(changing) };
  const chosen = changing[0] ?? reviewed[0] ?? last;
  const { decision } = chosen;
  if (!("notes" in decision)) return chosen;
  const rest = decided.filter((pull) => pull !== chosen).map(({ number }) => `#${number}`);
  const note = `Merged by the same push, without reviewed changes of this workspace: ${rest.join(", ")}.`;
  return { ...chosen, decision: { ...decision, notes: [...decision.notes, note] } };
}

function reviewOf(decision: Decision): RunFacts | undefined {
  if (decision.next === "confirm") return decision.run;
  return decision.next === "plan-again" ? decision.review?.run : undefined;
}

function heldTogether(changing: DecidedPull[]): Decision {
  const numbers = changing.map(({ number }) => `#${number}`).join(", ");
  return hold(
    "no-reviewed-plan",
    `The pull requests ${numbers} were merged by one push, and each has a reviewed plan that changes this workspace: nobody ` +
      "saw the plan of all of them. Nothing was applied. To go on, look at a new plan and apply its run with `run-id`, from a job " +
      "behind an environment with reviewers, or set `auto-approve: true`. A merge queue whose groups hold one pull request " +
      "avoids this.",
  );
}
