/**
 * What the runner does with the text that a step prints, as a plain re-telling of actions/runner (StreamReader.ReadLine,
 * ActionCommand.TryParseV2 and TryParse, ActionCommandManager): the oracle for "this prints no command".
 * `passOver` strengthens it: comparisons by culture pass over characters without weight, so those are taken out first.
 */
const COMMANDS = new Set([
  "add-mask",
  "add-matcher",
  "add-path",
  "debug",
  "echo",
  "endgroup",
  "error",
  "group",
  "notice",
  "remove-matcher",
  "save-state",
  "set-env",
  "set-output",
  "stop-commands",
  "warning",
]);
/** Char.IsWhiteSpace of .NET: unlike JavaScript's \s it has U+0085 and has not U+FEFF. */
const LEADING_SPACE = /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

/** Lines as the runner reads them. */
export function readLines(output: string): string[] {
  const lines = output.split(/\r\n|\r|\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** The command that the runner takes a line for, `undefined` when it only prints the line. */
export function commandOf(line: string, options: { passOver?: boolean } = {}): string | undefined {
  const weightless =
    /[\p{Default_Ignorable_Code_Point}\p{Cf}\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f]/gu;
  const text = options.passOver === true ? line.replace(weightless, "") : line;
  return doubleColon(text) ?? bracket(text);
}

function doubleColon(line: string): string | undefined {
  const text = line.replace(LEADING_SPACE, "");
  if (!text.startsWith("::")) return undefined;
  const end = text.indexOf("::", 2);
  return end < 0 ? undefined : known(text.slice(2, end));
}

function bracket(line: string): string | undefined {
  const start = line.indexOf("##[");
  const end = start < 0 ? -1 : line.indexOf("]", start);
  return end < 0 ? undefined : known(line.slice(start + 3, end));
}

function known(info: string): string | undefined {
  const name = (info.split(" ")[0] ?? "").toLowerCase();
  return COMMANDS.has(name) ? name : undefined;
}
