/** A line of a job log that GitHub's runner takes as a command: `::name key=value,…::value`. */
export type WorkflowCommand = { name: string; properties: Record<string, string>; value: string };

/** An `::error::`, `::warning::` or `::notice::`. */
export type Annotation = {
  level: "error" | "warning" | "notice";
  message: string;
  properties: Record<string, string>;
};

const unescapeData = (text: string): string =>
  text.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%");

const unescapeProperty = (text: string): string =>
  unescapeData(text.replaceAll("%3A", ":").replaceAll("%2C", ","));

function parseProperties(text: string): Record<string, string> {
  const pairs = text
    .split(",")
    .map((pair) => pair.trim())
    .filter((pair) => pair.includes("="))
    .map((pair): [string, string] => {
      const at = pair.indexOf("=");
      return [pair.slice(0, at), unescapeProperty(pair.slice(at + 1))];
    });
  return Object.fromEntries(pairs);
}

/** The command in one line (without its line end), `undefined` for ordinary text. */
export function parseWorkflowCommand(line: string): WorkflowCommand | undefined {
  const match = /^\s*::([a-z-]+)(?:\s(.*?))?::(.*)$/isu.exec(line);
  if (match?.[1] === undefined) return undefined;
  return {
    name: match[1].toLowerCase(),
    properties: parseProperties(match[2] ?? ""),
    value: unescapeData(match[3] ?? ""),
  };
}

/** Lines as the runner cuts them: at `\n`, `\r\n` and at a lone `\r`. */
export function splitLines(text: string): string[] {
  const lines = text.split(/\r\n|\n|\r/u);
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

const commandsIn = (stdout: string): WorkflowCommand[] =>
  splitLines(stdout).flatMap((line) => parseWorkflowCommand(line) ?? []);

/** Every annotation a step's stdout makes, in order. */
export function annotationsOf(stdout: string): Annotation[] {
  return commandsIn(stdout).flatMap(({ name, value, properties }) =>
    name === "error" || name === "warning" || name === "notice"
      ? [{ level: name, message: value, properties }]
      : [],
  );
}

/** Every value a step asked the runner to mask. */
export const masksOf = (stdout: string): string[] =>
  commandsIn(stdout).flatMap(({ name, value }) => (name === "add-mask" ? [value] : []));

const capitalised = (word: string): string => `${word.charAt(0).toUpperCase()}${word.slice(1)}`;

/**
 * A line as the web page of a job shows it: groups become a heading line, annotations `Error: …`, masks and other
 * silent commands nothing (`undefined`); registered secrets become `***`.
 */
export function shownLine(line: string, masks: readonly string[]): string | undefined {
  const command = parseWorkflowCommand(line);
  if (command === undefined) return hideMasked(line, masks);
  if (command.name === "group") return hideMasked(`▼ ${command.value}`, masks);
  if (["error", "warning", "notice"].includes(command.name)) {
    return hideMasked(`${capitalised(command.name)}: ${command.value}`, masks);
  }
  return undefined;
}

function hideMasked(text: string, masks: readonly string[]): string {
  return masks.filter((mask) => mask !== "").reduce((shown, mask) => shown.replaceAll(mask, "***"), text);
}
