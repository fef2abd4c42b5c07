import type { Node } from "web-tree-sitter";

/** A template taken apart as HCL's parser does it: texts, decoded and trimmed, and the sequences between them. */
export type TemplatePart = { kind: "text"; text: string } | { kind: "sequence"; node: Node };

/**
 * What kind of template it is: how its texts are decoded, whether a text ends at the end of its line (then `~` trims no further),
 * and whether the indentation that all lines share is taken away (`<<-`).
 */
export type TemplateStyle = { decode: (source: string) => string; byLine: boolean; flush: boolean };

const SEQUENCES: ReadonlySet<string> = new Set([
  "template_interpolation",
  "template_if_intro",
  "template_else_intro",
  "template_if_end",
  "template_for_start",
  "template_for_end",
]);

/** The parts of a template's node between two indexes of the source; the grammar itself loses spaces at the ends of texts. */
export function templateParts(
  node: Node,
  { start, end }: { start: number; end: number },
  style: TemplateStyle,
): TemplatePart[] {
  const parts: TemplatePart[] = [];
  const sequences = sequencesIn(node);
  let at = start;
  let trimsNext = false;
  for (const sequence of [...sequences, undefined]) {
    const source = node.text.slice(at - node.startIndex, (sequence?.startIndex ?? end) - node.startIndex);
    const texts = (style.byLine ? source.split(/(?<=\n)/) : [source])
      .filter((line) => line !== "")
      .map(style.decode);
    if (trimsNext && texts[0] !== undefined) texts[0] = texts[0].trimStart();
    const last = texts.length - 1;
    if (sequence?.text[2] === "~" && texts[last] !== undefined) texts[last] = texts[last].trimEnd();
    parts.push(...texts.map((text) => ({ kind: "text", text }) as const));
    if (sequence === undefined) break;
    parts.push({ kind: "sequence", node: sequence });
    [at, trimsNext] = [sequence.endIndex, sequence.text.at(-2) === "~"];
  }
  return melded(style.flush ? withoutIndent(parts) : parts);
}

function sequencesIn(node: Node): Node[] {
  return node.namedChildren.flatMap((child) =>
    SEQUENCES.has(child.type) ? [child] : child.type.startsWith("template_") ? sequencesIn(child) : [],
  );
}

/** Takes the smallest indentation of the lines that are not blank from each of them. */
function withoutIndent(parts: readonly TemplatePart[]): TemplatePart[] {
  const startsLine = (index: number): boolean => {
    const previous = parts[index - 1];
    return previous === undefined || (previous.kind === "text" && previous.text.endsWith("\n"));
  };
  const indents = parts.map((part, index) => {
    if (!startsLine(index)) return undefined;
    return part.kind === "text" ? indentOf(part.text) : 0;
  });
  const known = indents.filter((indent) => indent !== undefined);
  const smallest = known.reduce((least, indent) => Math.min(least, indent), Number.POSITIVE_INFINITY);
  return parts.map((part, index) => {
    const indent = indents[index];
    return part.kind === "text" && indent !== undefined ? { ...part, text: part.text.slice(smallest) } : part;
  });
}

/** Of a line that is not blank. */
function indentOf(line: string): number | undefined {
  const trimmed = line.trimStart();
  return trimmed === "" && line.endsWith("\n") ? undefined : line.length - trimmed.length;
}

function melded(parts: readonly TemplatePart[]): TemplatePart[] {
  const joined: TemplatePart[] = [];
  for (const part of parts) {
    const previous = joined.at(-1);
    if (part.kind === "text" && previous?.kind === "text")
      joined[joined.length - 1] = { kind: "text", text: previous.text + part.text };
    else joined.push(part);
  }
  return joined;
}
