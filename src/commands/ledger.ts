import type { Server, Workspace } from "../api/types.ts";
import type { Target } from "../config/target.ts";
import type { StopOutcome } from "../run/stop.ts";
import type { RunMemory } from "../run/types.ts";
import { saveUnsettledRun, type UnsettledRun } from "../state.ts";
import { MAIN_PATIENCE_MS, settle } from "./settle.ts";
import type { Step } from "./step.ts";

/** What this step has made on the server and not yet seen the end of, written down for the post step as it changes. */
export type Ledger = {
  remember: (memory: RunMemory) => void;
  /** A run is about to be confirmed, which is to be cancelled where the step ends before its apply does. */
  confirming: (memory: RunMemory) => void;
  /** The run has ended: there is nothing to stop. */
  close: () => void;
  /** Stops what is still open; `discarded` or `canceled` when it did. */
  settle: (server: Server, step: Pick<Step, "log" | "clock" | "signal">) => Promise<string | undefined>;
  /** Cancels the run that was confirmed, its apply included. */
  cancelApply: (server: Server, step: Pick<Step, "log" | "clock">) => Promise<StopOutcome>;
};

export function openLedger(target: Target, workspace: Workspace): Ledger {
  let open: UnsettledRun | undefined;
  const note = ({ configurationVersionId, runId }: RunMemory, confirmed: boolean) => {
    const { hostname, organization } = target;
    const place = { hostname, organization, workspace: workspace.name, workspaceId: workspace.id };
    open = { ...place, configurationVersionId, runId: runId ?? "", confirmed };
    saveUnsettledRun(open);
  };
  return {
    remember: (memory) => note(memory, false),
    confirming: (memory) => note(memory, true),
    close: () => {
      open = undefined;
      saveUnsettledRun(undefined);
    },
    settle: async (server, { log, clock, signal: { aborted: interrupted } }) => {
      // A run that could not be cancelled while it is applied is left to the post step.
      if (open === undefined || open.confirmed === true) return undefined;
      const stopped = await settle(server, open, { log, clock, patienceMs: MAIN_PATIENCE_MS, interrupted });
      return stopped.result;
    },
    cancelApply: async (server, { log, clock }) => {
      if (open === undefined) return { result: "not-found", run: undefined, message: "" };
      return settle(server, open, { log, clock, patienceMs: MAIN_PATIENCE_MS, cancelApply: true });
    },
  };
}
