import type { Body, Node } from "./node.ts";
import {
  closingPrefix,
  forcesSuffix,
  hiddenLine,
  linePrefix,
  nullSuffix,
  warningLines,
} from "./print-parts.ts";
import { append, below, newLine, type Style, type Writer } from "./writer.ts";

type Elements = Extract<Body, { kind: "list" | "set" }>;
type Print = (writer: Writer, node: Node, style: Style) => void;

/** A list or a set. */
export function printElements(
  writer: Writer,
  node: Node,
  { body, style, print }: { body: Elements; style: Style; print: Print },
): void {
  // It is the elements of a nested set that are said to force the replacement.
  const passesForce = body.kind === "set" && body.nested;
  const forces = forcesSuffix({ ...node, forces: node.forces && !passesForce }, style);
  if (body.elements.length === 0) {
    append(writer, `[]${nullSuffix(node, style)}${forces}`);
    return;
  }
  append(writer, `[${forces}`);
  const elementStyle = below(style, { hideNull: true, force: node.forces && passesForce });
  const writeElement = (element: Node, showUnchanged: boolean) => {
    for (const line of warningLines(element, style)) newLine(writer, line);
    newLine(writer, linePrefix(element.mark, style));
    print(writer, element, { ...elementStyle, showUnchanged });
    append(writer, ",");
  };
  const context = body.kind === "list" && body.context;
  const hidden = writeChanged(writer, { elements: body.elements, style, context, writeElement });
  if (hidden > 0) newLine(writer, hiddenLine("element", hidden, style));
  newLine(writer, `${closingPrefix(style)}]${nullSuffix(node, style)}`);
}

type Changed = {
  elements: Node[];
  style: Style;
  /** Show the element before and the one after a changed one. */
  context: boolean;
  writeElement: (element: Node, showUnchanged: boolean) => void;
};

/** Writes what changes, counts the rest; returns how many at the end are still to be counted. */
function writeChanged(writer: Writer, { elements, style, context, writeElement }: Changed): number {
  let skipped: Node[] = [];
  let showNext = false;
  for (const element of elements) {
    if (element.mark === "none" && !showNext && !style.showUnchanged) {
      skipped.push(element);
      continue;
    }
    if (context) {
      const last = skipped.at(-1);
      if (skipped.length > 1) newLine(writer, hiddenLine("element", skipped.length - 1, style));
      if (last !== undefined) writeElement(last, true);
      skipped = [];
    }
    writeElement(element, style.showUnchanged || (context && element.mark === "none"));
    showNext = context && element.mark !== "none";
  }
  return skipped.length;
}
