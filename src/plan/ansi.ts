const esc = String.fromCharCode(27);
/** CSI sequences (colour, cursor) and OSC sequences (titles, links) of ECMA-48. */
const sequences = new RegExp(`${esc}(?:\\[[0-?]*[ -/]*[@-~]|\\][^${esc}]*(?:${esc}\\\\)?)`, "g");

/** A line of a terminal's output without its colours. */
export function stripAnsi(line: string): string {
  return line.includes(esc) ? line.replace(sequences, "") : line;
}
