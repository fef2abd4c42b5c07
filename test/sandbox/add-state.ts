import { isRecord } from "./http/exchange.ts";
import { makeId } from "./ids.ts";
import type { StateVersion, Workspace } from "./world.ts";

/** Makes a text the newest state of a workspace. Throws when it is no state. */
export function addState(workspace: Workspace, json: string): StateVersion {
  const parsed: unknown = JSON.parse(json);
  if (!isRecord(parsed) || typeof parsed["serial"] !== "number" || typeof parsed["lineage"] !== "string") {
    throw new Error("not a state: serial or lineage is missing");
  }
  const { serial, lineage } = parsed;
  const state = { id: makeId("sv"), serial, lineage, json, at: new Date().toISOString() };
  workspace.states.push(state);
  return state;
}
