import type { Case } from "./init-cases.ts";
import type { Outcome } from "./init-outcome.ts";

/** What differs, `undefined` where nothing does but what docs/configuration.md names. */
export function differenceOf(given: Case, their: Outcome, our: Outcome): string | undefined {
  if (isDocumented(given, their, our)) return undefined;
  if (their.errors.length > 0 || our.errors.length > 0) {
    const [our0 = "none"] = our.errors;
    const isTold = their.errors.some((error) => isSame(error, our0) || isAnotherFault(given, error, our0));
    return isTold ? undefined : `error: ${their.errors.join(" & ")} / ${our0}`;
  }
  for (const key of ["organizations", "workspace", "workspaces", "projects"] as const) {
    if (JSON.stringify(their[key]) !== JSON.stringify(our[key])) return key;
  }
  return undefined;
}

/** Where ours say the same in other words. */
const OTHER_WORDS: [RegExp, RegExp][] = [
  [/^Failed to read organization/, /^organization ".*" at host .* not found/],
  [/^Extraneous JSON object property/, /^Unsupported argument/],
  [/^Unable to compute static value/, /^No value for required variable/],
  [/^Error loading state/, /default workspace not supported|^workspaces not supported/],
];

/** Where an expression is at fault. Of several, either may tell another one first; the CLI tells nothing else before. */
const NO_VALUE =
  /^(Undefined|Dynamic value|Module output|Unable to compute static|Circular|Backend config contains sensitive|No value for|Incorrect attribute value type)/;

function isSame(their: string, our: string): boolean {
  const summary = (their.split("\n")[0] ?? "").replace(/\.$/, "");
  return our.startsWith(summary) || OTHER_WORDS.some(([one, other]) => one.test(their) && other.test(our));
}

function isAnotherFault({ more, organization, workspaces }: Case, their: string, our: string): boolean {
  const faults = JSON.stringify({ more, organization, workspaces }).match(/"=/g)?.length ?? 0;
  return (
    NO_VALUE.test(their) &&
    (NO_VALUE.test(our) || /^(Unsupported argument|Invalid .*(value|argument|configuration))/.test(our)) &&
    faults > 0
  );
}

function isDocumented(given: Case, their: Outcome, our: Outcome): boolean {
  const [error = ""] = their.errors;
  return isMade(given, error, our) || (error !== "" && isSaidEarlier(our)) || isReplaced(given, error);
}

/** What a later line replaces is not evaluated. */
function isReplaced({ decoy }: Case, error: string): boolean {
  return decoy !== "none" && NO_VALUE.test(error);
}

/** A workspace that was chosen by name is made, and tagged, where the CLI's `init` asks or refuses. */
function isMade({ environment }: Case, error: string, our: Outcome): boolean {
  const chosen = environment["TF_WORKSPACE"] ?? "";
  const isRefused = /^(Invalid workspace selection|No existing workspaces|Currently selected workspace)/.test(
    error,
  );
  return isRefused && chosen !== "" && our.errors.length === 0 && our.workspace?.endsWith(chosen) === true;
}

/** What no server can make right is said before one is asked. */
function isSaidEarlier({ errors: [error = ""], organizations }: Outcome): boolean {
  return (
    /default workspace not supported|^workspaces not supported/.test(error) && organizations.length === 0
  );
}
