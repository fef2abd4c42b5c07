/** A command line of the binary taken apart: `name` is one word or two, such as `state mv`. */
export type CommandCall = { name: string; facts: CommandFacts; options: string[] };

/** What a command of the CLI is about. */
export type CommandFacts = {
  /**
   * `nothing`: it runs anywhere; `modules`: it needs modules and providers, but no state; `workspaces`: it needs the server, but
   * no workspace that is there already; `state`: it works on the state of the workspace.
   */
  needs: "nothing" | "modules" | "workspaces" | "state";
  /** It writes the state, so the version of the binary has to agree with that of the workspace. */
  writes?: true;
  /** It takes `-var` and `-var-file`; `tofu`: in OpenTofu since 1.8, where every command that reads the configuration does. */
  variables?: "always" | "tofu";
  ignoresVersion?: true;
  targets?: true;
  /** What it prints may hold sensitive values in clear, or is made for programs: it goes to the file alone. */
  fileOnly?: true;
};

const WRITES = { needs: "state", writes: true, ignoresVersion: true, variables: "tofu" } as const;
const READS = { needs: "state", variables: "tofu" } as const;
const WORKSPACES = { needs: "workspaces", variables: "tofu" } as const;

const FACTS: Readonly<Record<string, CommandFacts>> = {
  console: { needs: "state", variables: "always" },
  fmt: { needs: "nothing" },
  "force-unlock": READS,
  get: { needs: "nothing", variables: "tofu" },
  graph: READS,
  import: { ...WRITES, variables: "always" },
  init: { needs: "state", variables: "always", ignoresVersion: true },
  metadata: { needs: "nothing" },
  modules: { needs: "modules" },
  output: READS,
  providers: READS,
  "providers lock": { needs: "modules", variables: "tofu" },
  "providers mirror": { needs: "modules", variables: "tofu" },
  "providers schema": READS,
  refresh: { needs: "state", variables: "always", targets: true },
  show: READS,
  "state list": READS,
  "state mv": WRITES,
  "state pull": { ...READS, fileOnly: true },
  "state push": WRITES,
  "state replace-provider": WRITES,
  "state rm": WRITES,
  "state show": READS,
  taint: WRITES,
  test: { needs: "modules", variables: "always" },
  untaint: WRITES,
  validate: { needs: "modules", variables: "tofu" },
  version: { needs: "nothing" },
  "workspace delete": WORKSPACES,
  "workspace list": WORKSPACES,
  "workspace new": WORKSPACES,
  "workspace select": WORKSPACES,
  "workspace show": { needs: "workspaces" },
};

/** The commands whose `-json` or `-raw` shows sensitive values in clear, or fills pages. `-show-sensitive` does with all. */
const FOR_PROGRAMS: ReadonlySet<string> = new Set([
  "metadata functions",
  "output",
  "providers schema",
  "show",
  "state show",
]);

/** Takes the words of a command line apart. A command that is not known here is left to the CLI to know or refuse. */
export function commandCall([first = "", second = "", ...rest]: string[]): CommandCall {
  const two = `${first} ${second}`;
  const isTwo = ["metadata", "state", "workspace"].includes(first) || Object.hasOwn(FACTS, two);
  const name = isTwo && !second.startsWith("-") && second !== "" ? two : first;
  const options = name === two ? rest : [second, ...rest].filter((word, index) => index > 0 || word !== "");
  const facts = FACTS[name] ?? FACTS[first] ?? { needs: "nothing" };
  const showsSecrets =
    hasFlag(options, "show-sensitive") ||
    (FOR_PROGRAMS.has(name) && (hasFlag(options, "json") || hasFlag(options, "raw"))) ||
    // One that is asked for by its name is shown in clear.
    (name === "output" && options.some((option) => !option.startsWith("-")));
  return { name, facts: showsSecrets ? { ...facts, fileOnly: true } : facts, options };
}

/** Whether an option is switched on, in any of the forms that Go's flag package takes. */
export function hasFlag(options: string[], flag: string): boolean {
  return options.some((option) => {
    const [, name, value = "true"] = /^--?([^=]+)(?:=(.*))?$/s.exec(option) ?? [];
    return name === flag && /^(?:1|t|true)$/i.test(value);
  });
}

/** The inputs of the action that are options of the CLI. */
export type OptionInputs = {
  variables: string[];
  varFiles: string[];
  target: string[];
  ignoreRemoteVersion: boolean;
};

type Product = { product: "tofu" | "terraform"; version: string };

/** The arguments to call the binary with: options from the inputs come before those of the command line, which count more. */
export function callArguments(
  { name, facts, options }: CommandCall,
  inputs: OptionInputs,
  binary: Product,
): string[] {
  return [
    ...name.split(" "),
    ...(takesVariables(facts, binary) ? variableOptions(inputs) : []),
    ...(facts.targets === true ? inputs.target.map((address) => `-target=${address}`) : []),
    ...(facts.ignoresVersion === true && inputs.ignoreRemoteVersion ? ["-ignore-remote-version"] : []),
    ...options,
  ];
}

/** `-var` and `-var-file`; the later one counts, and `variables` beat files. */
export function variableOptions({
  variables,
  varFiles,
}: Pick<OptionInputs, "variables" | "varFiles">): string[] {
  return [...varFiles.map((file) => `-var-file=${file}`), ...variables.map((variable) => `-var=${variable}`)];
}

export function takesVariables({ variables }: CommandFacts, { product, version }: Product): boolean {
  if (variables !== "tofu") return variables === "always";
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return product === "tofu" && (major > 1 || (major === 1 && minor >= 8));
}
