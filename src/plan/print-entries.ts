import type { BlockGroup, Body, Entry, Node } from "./node.ts";
import {
  closingPrefix,
  forcesSuffix,
  hiddenLine,
  linePrefix,
  nullSuffix,
  warningLines,
} from "./print-parts.ts";
import {
  alignNames,
  append,
  attributeName,
  below,
  newLine,
  quote,
  type Style,
  type Writer,
} from "./writer.ts";

type Print = (writer: Writer, node: Node, style: Style) => void;
type Entries = Extract<Body, { kind: "map" | "object" }>;
type Block = Extract<Body, { kind: "block" }>;

/** Attributes that say which object it is are shown even where they do not change. */
const identifying = new Set(["id", "name", "tags"]);

/** A map or an object. */
export function printEntries(
  writer: Writer,
  node: Node,
  { body, style, print }: { body: Entries; style: Style; print: Print },
): void {
  const isMap = body.kind === "map";
  // It is the entries of a nested map that are said to force the replacement.
  const passesForce = isMap && body.nested;
  const forces = forcesSuffix({ ...node, forces: node.forces && !passesForce }, style);
  if (body.entries.length === 0) {
    append(writer, `{}${nullSuffix(node, style)}${forces}`);
    return;
  }
  append(writer, `{${forces}`);
  const hideNull = isMap ? node.mark === "delete" || body.nested : !body.nested;
  const entryStyle = below(style, { hideNull, force: node.forces && passesForce });
  const hidden = writeEntries(writer, body.entries, {
    style,
    entryStyle,
    print,
    isMap,
    nameOf: isMap ? quote : attributeName,
    aligns: !(isMap && body.nested),
  });
  if (hidden > 0) newLine(writer, hiddenLine(isMap ? "element" : "attribute", hidden, style));
  newLine(writer, `${closingPrefix(style)}}${nullSuffix(node, style)}`);
}

type EntryWriting = {
  style: Style;
  entryStyle: Style;
  print: Print;
  isMap: boolean;
  nameOf: (key: string) => string;
  aligns: boolean;
};

/** Writes what changes or identifies; returns how many it left out. */
function writeEntries(writer: Writer, all: Entry[], writing: EntryWriting): number {
  const { style, entryStyle, print, isMap, nameOf, aligns } = writing;
  const pad = aligns ? alignNames(all.map(({ key }) => nameOf(key))) : (name: string) => name;
  let hidden = 0;
  for (const { key, node } of all) {
    const isIdentifying = !isMap && identifying.has(key);
    if (node.mark === "none" && !style.showUnchanged && !isIdentifying) {
      hidden += 1;
      continue;
    }
    for (const line of warningLines(node, style)) newLine(writer, line);
    newLine(writer, `${linePrefix(node.mark, style)}${pad(nameOf(key))} = `);
    print(writer, node, { ...entryStyle, showUnchanged: style.showUnchanged || isIdentifying });
    // The CLI separates the objects in a map with commas, and nothing else.
    if (isMap && node.body.kind === "object") append(writer, ",");
  }
  return hidden;
}

/** A resource or a nested block: attributes, then blocks, groups of them set apart by an empty line. */
export function printBlock(
  writer: Writer,
  node: Node,
  { body, style, print }: { body: Block; style: Style; print: Print },
): void {
  const { attributes, groups } = body;
  if (attributes.length === 0 && groups.length === 0) {
    append(writer, `{}${forcesSuffix(node, style)}`);
    return;
  }
  append(writer, `{${forcesSuffix(node, style)}`);
  const hidden = writeEntries(writer, attributes, {
    style,
    entryStyle: below(style),
    print,
    isMap: false,
    nameOf: attributeName,
    aligns: true,
  });
  if (hidden > 0) newLine(writer, hiddenLine("attribute", hidden, style));
  let hiddenBlocks = 0;
  for (const group of groups) {
    hiddenBlocks += writeGroup(writer, group, { style, print, apart: attributes.length > 0 });
  }
  if (hiddenBlocks > 0) {
    newLine(writer, "");
    newLine(writer, hiddenLine("block", hiddenBlocks, style));
  }
  newLine(writer, `${closingPrefix(style)}}`);
}

function writeGroup(
  writer: Writer,
  group: BlockGroup,
  { style, print, apart }: { style: Style; print: Print; apart: boolean },
): number {
  const shown = group.blocks.filter(({ node }) => node.mark !== "none" || style.showUnchanged);
  if (shown.length > 0 && apart) newLine(writer, "");
  for (const { label, node } of shown) {
    for (const line of warningLines(node, style)) newLine(writer, line);
    const title = `${attributeName(group.name)}${label === undefined ? "" : ` ${quote(label)}`}`;
    newLine(writer, `${linePrefix(node.mark, style)}${title} `);
    print(writer, node, below(style, { force: group.forces }));
  }
  return group.blocks.length - shown.length;
}
