import { connect } from "../api/server.ts";
import type { Server, Workspace } from "../api/types.ts";
import type { Target } from "../config/target.ts";
import { Failure } from "../failure.ts";
import { endingOfFailure } from "./findings.ts";
import type { Step, StepResult } from "./step.ts";
import { connectOptions } from "./target/target.ts";

/**
 * Connects to the workspace and carries out `story`, which runs nothing on the server, so that neither an archive nor remote
 * operations are needed. A failure on the way is an ending, too.
 */
export async function onWorkspace(
  step: Step,
  target: Target,
  story: (place: { server: Server; workspace: Workspace }) => Promise<StepResult>,
): Promise<StepResult> {
  const known = { workspace: target.workspace };
  try {
    const { server } = await connect(connectOptions(step, target));
    try {
      const workspace = await server.readWorkspace(target.organization, target.workspace);
      const { outputs, ...result } = await story({ server, workspace });
      return { ...result, outputs: { ...known, "workspace-id": workspace.id, ...outputs } };
    } finally {
      await server.close();
    }
  } catch (error) {
    const cause: unknown = step.signal.aborted ? step.signal.reason : error;
    if (!(cause instanceof Failure)) throw cause;
    const { status, failure = cause } = endingOfFailure(cause, undefined);
    return { outputs: { ...known, status }, failure };
  }
}
