/** The options that shape a plan. Lists in any order; a variable's value as the API has it, an HCL expression. */
export type RunFlags = {
  destroy: boolean;
  refreshOnly: boolean;
  refresh: boolean;
  targets: string[];
  replace: string[];
  variables: { key: string; value: string }[];
};

/** The same as a server tells them; `undefined`: it does not. */
export type ReadFlags = { [Name in keyof RunFlags]: RunFlags[Name] | undefined };

const NAMES = ["destroy", "refreshOnly", "refresh", "targets", "replace", "variables"] as const;
const INPUT_NAMES: Readonly<Record<keyof RunFlags, string>> = {
  destroy: "destroy",
  refreshOnly: "refresh-only",
  refresh: "refresh",
  targets: "target",
  replace: "replace",
  variables: "variables",
};

/** The options by which a run differs from what is asked, named as the inputs are; one that is not told differs. */
export function differingFlags(asked: RunFlags, read: ReadFlags): string[] {
  return differing(asked, read).map((name) => named(name, read));
}

/**
 * The options by which a run that was named by its id differs from the step's: those that the step gives; and whether it
 * destroys or only refreshes, which nobody may be surprised by.
 */
export function contradictedFlags(asked: RunFlags, read: ReadFlags): string[] {
  const defaults: RunFlags = {
    ...{ destroy: false, refreshOnly: false, refresh: true, targets: [], replace: [], variables: [] },
  };
  const counting = new Set<Name>(["destroy", "refreshOnly", ...differing(asked, defaults)]);
  return differing(asked, read)
    .filter((name) => counting.has(name))
    .map((name) => named(name, read));
}

type Name = keyof RunFlags;

function differing(asked: RunFlags, read: ReadFlags): Name[] {
  return NAMES.filter((name) => comparable(asked[name]) !== comparable(read[name]));
}

function named(name: Name, read: ReadFlags): string {
  return read[name] === undefined
    ? `${INPUT_NAMES[name]} (which the server does not tell)`
    : INPUT_NAMES[name];
}

function comparable(value: RunFlags[keyof RunFlags] | undefined): string {
  if (!Array.isArray(value)) return String(value);
  const items = value.map((item) => JSON.stringify(typeof item === "string" ? item : [item.key, item.value]));
  return `[${[...new Set(items)].sort().join()}]`;
}
