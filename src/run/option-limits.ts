import type { ServerFacts } from "../api/server-facts.ts";
import type { Run } from "../api/types.ts";
import { Failure } from "../failure.ts";
import type { RunOptions } from "./options.ts";

/** What is known of an option that the server may not have kept; `undefined`: it does not tell. */
type Kept = boolean | undefined;

/** An option that a run may be given: the input, the attribute of the run, and the API's version that brought it. */
type Option = {
  input: string;
  attribute: string;
  since?: string;
  isGiven: (options: RunOptions) => boolean;
  isKept: (options: RunOptions, run: Run) => Kept;
};

/** OpenTofu's internal/backend/remote/backend_plan.go has the versions. */
const OPTIONS: Option[] = [
  {
    ...{ input: "target", attribute: "target-addrs", since: "2.3" },
    isGiven: ({ targets }) => targets.length > 0,
    isKept: ({ targets }, { targetAddrs }) => sameItems(targetAddrs, targets),
  },
  {
    ...{ input: "refresh: false", attribute: "refresh", since: "2.4" },
    isGiven: ({ refresh }) => !refresh,
    isKept: (_, { refresh }) => same(refresh, false),
  },
  {
    ...{ input: "replace", attribute: "replace-addrs", since: "2.4" },
    isGiven: ({ replace }) => replace.length > 0,
    isKept: ({ replace }, { replaceAddrs }) => sameItems(replaceAddrs, replace),
  },
  {
    ...{ input: "refresh-only", attribute: "refresh-only", since: "2.4" },
    isGiven: ({ mode }) => mode === "refresh-only",
    isKept: (_, { refreshOnly }) => same(refreshOnly, true),
  },
  {
    ...{ input: "destroy", attribute: "is-destroy" },
    isGiven: ({ mode }) => mode === "destroy",
    isKept: (_, { isDestroy }) => isDestroy,
  },
  {
    ...{ input: "variables", attribute: "variables" },
    isGiven: ({ variables }) => variables.length > 0,
    isKept: (options, { variables }) => sameItems(variables?.map(keyOf), options.variables.map(keyOf)),
  },
  {
    ...{ input: "terraform-version", attribute: "terraform-version" },
    isGiven: (options) => options.terraformVersion !== undefined,
    isKept: (options, { terraformVersion }) => same(terraformVersion, options.terraformVersion),
  },
  {
    ...{ input: "allow-empty-apply", attribute: "allow-empty-apply" },
    isGiven: ({ allowEmptyApply }) => allowEmptyApply,
    // Not among what a run is read for: whoever ignores it leaves nothing to apply.
    isKept: () => true,
  },
];

function same<T>(told: T | undefined, asked: T): Kept {
  return told === undefined ? undefined : told === asked;
}

function sameItems(told: string[] | undefined, asked: string[]): Kept {
  return told && new Set(told).symmetricDifference(new Set(asked)).size === 0;
}

/** The values may be hidden. */
function keyOf({ key }: { key: string }): string {
  return key;
}

/** The server, and what is asked of it: `applies`, or a plan only. */
export type Asking = { hostname: string; facts: ServerFacts; applies: boolean };

/**
 * Refuses, before anything is uploaded, what this server is known not to do: it would take the option and plan, or apply,
 * something else. What is of no consequence for a plan is a warning, in the list returned. Throws Failure("unsupported").
 */
export function checkOptions(options: RunOptions, { hostname, facts, applies }: Asking): string[] {
  const given = OPTIONS.filter(({ isGiven }) => isGiven(options));
  const tooOld = given.find(({ since }) => since !== undefined && isOlder(facts.apiVersion, since));
  if (tooOld !== undefined) throw unsupported(hostname, tooOld.input, whyOld(facts.apiVersion, tooOld.since));
  if (options.mode === "destroy" && !applies && !facts.plansDestroys) {
    throw unsupported(
      hostname,
      "destroy",
      "it makes of such a plan a run that waits for its approval and then destroys",
    );
  }
  const ignored = given.filter(({ attribute }) => facts.ignoredRunAttributes.includes(attribute));
  const harmful = ignored.find(({ input }) => applies || input !== "allow-empty-apply");
  if (harmful !== undefined) {
    throw unsupported(hostname, harmful.input, "it takes the option and ignores it");
  }
  return ignored.map(({ input }) => `${hostname} takes the input "${input}" and ignores it.`);
}

function whyOld(version: string | undefined, since = ""): string {
  const has = version === undefined ? "tells no version of its API" : `has version ${version} of the API`;
  return `it ${has}, and this needs ${since} or later`;
}

/** The failure of an option that this server does not have. */
export function unsupported(hostname: string, input: string, why: string): Failure {
  return new Failure(
    "unsupported",
    `The host ${hostname} does not support the input "${input}": ${why}. Leave it out; nothing was uploaded.`,
  );
}

/** Also true of a version that is missing or cannot be read. */
function isOlder(version: string | undefined, since: string): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version ?? "") ?? [];
  const [wantedMajor = 0, wantedMinor = 0] = since.split(".").map(Number);
  if (major === undefined || minor === undefined) return true;
  return Number(major) < wantedMajor || (Number(major) === wantedMajor && Number(minor) < wantedMinor);
}

/** Options that were given and of which the run says otherwise, or nothing; named as the inputs are. */
export function lostOptions(options: RunOptions, run: Run): { changed: string[]; untold: string[] } {
  const given = OPTIONS.filter(({ isGiven }) => isGiven(options));
  const named = (kept: Kept) =>
    given.filter(({ isKept }) => isKept(options, run) === kept).map(({ input }) => input);
  return { changed: named(false), untold: named(undefined) };
}
