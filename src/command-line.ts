import { Failure } from "./failure.ts";

/** The commands that need no binary. */
const NATIVE = ["plan", "apply", "destroy", "init", "output", "archive", "cleanup"] as const;
/** Those that may be followed by arguments. */
const WITH_ARGUMENTS: ReadonlySet<string> = new Set(["init", "output", "cleanup"]);
/** The commands of the binary that make sense in a job. */
const BINARY: ReadonlySet<string> = new Set([
  "console",
  "fmt",
  "force-unlock",
  "get",
  "graph",
  "import",
  "metadata",
  "modules",
  "providers",
  "refresh",
  "show",
  "state",
  "taint",
  "test",
  "untaint",
  "validate",
  "version",
  "workspace",
]);

/** The input `command`: one of this action's own, or `tofu` with the whole command line for the binary. */
export type CommandLine = { command: (typeof NATIVE)[number] | "tofu"; arguments: string[] };

/**
 * Takes the input `command` apart. Throws Failure("input") for a command that does not exist and for arguments of one that
 * takes inputs instead.
 */
export function parseCommand(text: string): CommandLine {
  const words = splitWords(text);
  const [first = "", ...rest] = words;
  const native = NATIVE.find((name) => name === first);
  if (native === undefined && BINARY.has(first)) return { command: "tofu", arguments: words };
  if (native === undefined) {
    const known = [...NATIVE, ...BINARY].join(", ");
    throw new Failure("input", `Input "command" is ${JSON.stringify(text)}, but must be one of ${known}.`);
  }
  if (rest.length > 0 && !WITH_ARGUMENTS.has(native)) {
    const remedy = `${native} takes no arguments: its options are inputs of this action, such as target, destroy or variables`;
    throw new Failure("input", `Input "command" is ${JSON.stringify(text)}, but ${remedy}.`);
  }
  return { command: native, arguments: rest };
}

/**
 * The words of a command line, without any shell. The first line is split at white space, where a word that begins with a
 * quote ends with it and holds everything in between; quotes elsewhere stand for themselves, as in `aws_instance.a["b"]`.
 * Every further line is one argument as it stands.
 */
export function splitWords(text: string): string[] {
  const [first = "", ...others] = text.trim().split(/\r?\n/);
  const words = [...first.matchAll(/(?<=^|\s)(?:"([^"]*)"|'([^']*)')(?=\s|$)|\S+/g)].map(
    ([whole, double, single]) => double ?? single ?? whole,
  );
  return [...words, ...others.map((line) => line.trim()).filter((line) => line !== "")];
}
