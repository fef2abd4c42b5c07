/** `TF_CLI_ARGS` and `TF_CLI_ARGS_<command>` (opentofu cmd/tofu/main.go, mergeEnvArgs). */
type Environment = Readonly<Record<string, string | undefined>>;

const WORD = /(?:[^\s"'\\]|"(?:[^"\\]|\\.)*"|'[^']*'|\\.)+/gs;
const QUOTED = /"(?:[^"\\]|\\.)*"|'[^']*'|\\./gs;

/**
 * The values of an option in the environment's arguments for `tofu init`, in the order in which they count: those for every
 * command last. Both `-option=value` and `-option value` are read.
 */
export function initOption(option: string, environment: Environment): string[] {
  const words = ["TF_CLI_ARGS_init", "TF_CLI_ARGS"].flatMap((name) => wordsOf(environment[name] ?? ""));
  return optionValues(option, words);
}

/** The values of an option among the words of a command line, in their order. */
export function optionValues(option: string, words: string[]): string[] {
  const values = words.map((word, index) => {
    const [, name, equals, value = ""] = /^--?([^=]*)(=?)(.*)$/s.exec(word) ?? [];
    if (name !== option) return "";
    return equals === "" ? (words[index + 1] ?? "") : value;
  });
  return values.filter((value) => value !== "");
}

/** Words as a shell would split them, without expansion of any kind. */
function wordsOf(text: string): string[] {
  return [...text.matchAll(WORD)].map(([word]) => word.replace(QUOTED, unquoted));
}

function unquoted(part: string): string {
  if (part.startsWith("'")) return part.slice(1, -1);
  return part.startsWith('"') ? part.slice(1, -1).replace(/\\(["\\$`])/g, "$1") : part.slice(1);
}
