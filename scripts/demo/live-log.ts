import { stripVTControlCharacters } from "node:util";
import { parseWorkflowCommand, shownLine } from "../../test/sandbox/workflow-commands.ts";

export type LiveLog = {
  /** stdout as it comes, cut anywhere. */
  write: (text: string) => void;
  /** What was shown, without colours. */
  text: () => string;
};

/** Shows a step's stdout as the page of a job does: groups headed and indented, annotations in words, masks hidden. */
export function liveLog(print: (line: string) => void, colours: boolean): LiveLog {
  const masks: string[] = [];
  const shown: string[] = [];
  let rest = "";
  let depth = 0;
  const show = (line: string): void => {
    const command = parseWorkflowCommand(line);
    if (command?.name === "add-mask") masks.push(command.value);
    if (command?.name === "endgroup") depth = 0;
    const text = shownLine(line, masks);
    if (text === undefined) return;
    const indented = `${"  ".repeat(command?.name === "group" ? 0 : depth)}${text}`;
    shown.push(stripVTControlCharacters(indented));
    print(colours ? indented : stripVTControlCharacters(indented));
    if (command?.name === "group") depth = 1;
  };
  return {
    write: (text) => {
      const lines = (rest + text).split(/\r\n|\n|\r(?!$)/u);
      rest = lines.pop() ?? "";
      for (const line of lines) show(line);
    },
    text: () => `${shown.join("\n")}\n`,
  };
}
