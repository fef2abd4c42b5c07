/** Lines under construction: text goes to the end of the last one. */
export type Writer = { lines: string[] };

/** How the nodes below are printed; what of it goes on to their own children each kind decides. */
export type Style = {
  /** Steps of four columns. */
  indent: number;
  /** Print what does not change, too. */
  showUnchanged: boolean;
  /** No ` -> null` behind what is removed. */
  hideNull: boolean;
  /** `# forces replacement` belongs to this node, though it is said of its container. */
  force: boolean;
};

export function startWriter(): Writer {
  return { lines: [""] };
}

export function append(writer: Writer, text: string): void {
  const last = writer.lines.length - 1;
  writer.lines[last] = (writer.lines[last] ?? "") + text;
}

export function newLine(writer: Writer, text: string): void {
  writer.lines.push(text);
}

/** Puts finished lines behind the text of the last one. */
export function appendLines(writer: Writer, lines: string[]): void {
  const [first = "", ...rest] = lines;
  append(writer, first);
  for (const line of rest) writer.lines.push(line);
}

/** The style for children: deeper, and a force that is said of this node alone is not handed on. */
export function below(style: Style, changes: Partial<Style> = {}): Style {
  return { ...style, indent: style.indent + 1, force: false, ...changes };
}

/** A string in quotes as Go's `%q` writes it: escapes what cannot be printed. */
export function quote(text: string): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`;
  return `"${text.replace(/["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, escapeCharacter)}"`;
}

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\u0007", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\v", "\\v"],
]);

function escapeCharacter(character: string): string {
  const short = shortEscapes.get(character);
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x80) return `\\x${hex.padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}

/** An attribute name, quoted where it is no identifier of the configuration language. */
export function attributeName(name: string): string {
  return /^[\p{ID_Start}_][\p{ID_Continue}-]*$/u.test(name) ? name : quote(name);
}

/** Widths as the CLI counts them: the column is as wide as the most bytes, a name fills it by characters. */
export function alignNames(names: string[]): (name: string) => string {
  const width = names.reduce((most, name) => Math.max(most, Buffer.byteLength(name)), 0);
  return (name) => name + " ".repeat(Math.max(0, width - [...name].length));
}
