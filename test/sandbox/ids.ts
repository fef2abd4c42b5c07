import { randomBytes, randomUUID } from "node:crypto";
import type { Profile } from "./profiles.ts";

const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

const suffix = (): string =>
  [...randomBytes(16)].map((byte) => alphabet.charAt(byte % alphabet.length)).join("");

/** `ws-` and 16 characters. */
export const makeId = (prefix: string): string => `${prefix}-${suffix()}`;

/** Id of a workspace or a configuration version: `ws-…`, or a UUID. */
export const makeBareId = (profile: Profile, prefix: string): string =>
  profile.bareIds ? randomUUID() : makeId(prefix);

export type RunIds = { run: string; plan: string; apply: string; costEstimate: string };

/** Ids of a new run and its parts; `number` counts the runs of the server from 1. */
export function makeRunIds(profile: Profile, number: number): RunIds {
  if (profile.bareIds) {
    return {
      run: `run-${number}`,
      plan: String(number * 10 + 1),
      apply: String(number * 10 + 2),
      costEstimate: "",
    };
  }
  const shared = suffix();
  const part = (prefix: string): string => `${prefix}-${profile.sharedSuffix ? shared : suffix()}`;
  return { run: `run-${shared}`, plan: part("plan"), apply: part("apply"), costEstimate: part("ce") };
}
