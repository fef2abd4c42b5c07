import type { JsonValue } from "../../src/json.ts";
import type { ActionOptions, ActionResult } from "../sandbox/runner.ts";
import { ONE_TO_CREATE, type Scene, scripted } from "./scene.ts";

/** The commit that jobs on the merge run on, as the sandbox's runner has it. */
export const mergeSha = "0123456789abcdef0123456789abcdef01234567";
const headSha = "b".repeat(40);

/** The event of the push that merges. */
export const pushEvent = {
  name: "push",
  payload: { ref: "refs/heads/main", after: mergeSha, head_commit: { message: "Add a greeting (#1)" } },
};

/** A plan that creates one object with this input; `more` replaces members of the change. */
export function planOf(input: string, more: Record<string, JsonValue> = {}): JsonValue {
  const text = JSON.stringify(ONE_TO_CREATE).replace('"hello"', JSON.stringify(input));
  const plan: { resource_changes: { change: Record<string, JsonValue> }[] } = JSON.parse(text);
  const change = plan.resource_changes[0]?.change ?? {};
  return { ...plan, resource_changes: [{ ...plan.resource_changes[0], change: { ...change, ...more } }] };
}

/** A run of such a plan, and of its apply. */
export function applicable(planJson: JsonValue = planOf("hello")): ReturnType<typeof scripted> {
  return scripted(["Plan: 1 to add, 0 to change, 0 to destroy."], {
    planJson,
    apply: [
      { log: "terraform_data.greeting: Creating...\nterraform_data.greeting: Creation complete after 0s\n" },
      { log: "\nApply complete! Resources: 1 added, 0 changed, 0 destroyed.\n" },
    ],
  });
}

/** Plans on the pull request, for review. */
export async function review(scene: Scene, script = applicable()): Promise<ActionResult> {
  scene.sandbox.script("demo", script);
  scene.sandbox.github.pull({ headSha });
  return scene.run();
}

/** Merges the pull request, after all that was planned so far. */
export function merge(scene: Scene): void {
  scene.sandbox.github.pull({ headSha });
  scene.sandbox.github.merge(mergeSha);
}

/** What the job on the merge is given. */
export function onMerge(inputs: Record<string, string> = {}): Partial<ActionOptions> {
  return { event: pushEvent, inputs: { command: "apply", ...inputs } };
}

/** Runs of the workspace that this test's apply steps made, newest last. */
export function statuses(scene: Scene): string[] {
  return scene.sandbox.world.runs.map(({ status }) => status);
}

/** How often a confirmation was asked for. */
export function confirmations(scene: Scene): number {
  const isApply = ({ method, path }: { method: string; path: string }) =>
    method === "POST" && path.endsWith("/actions/apply");
  return scene.sandbox.requests.filter(isApply).length;
}
