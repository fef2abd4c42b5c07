import { diffAttribute, indexPairs, setPairs, unknownNode } from "./diff-declared.ts";
import { containerMark, sensitiveNode } from "./diff-dynamic.ts";
import type { AttributeSchema, BlockSchema, Nesting } from "./model.ts";
import { type BlockGroup, combine, combineAll, type Entry, type Mark, type Node } from "./node.ts";
import { forcesReplacement, memberPair, onlyRelevant, type Pair, valueKeys } from "./pair.ts";
import type { Value } from "./value.ts";

/** A resource or a nested block: its attributes, then its blocks, each in the order of their names. */
export function diffBlock(pair: Pair, schema: BlockSchema): Node {
  const forces = forcesReplacement(pair);
  const hidden = sensitiveNode(pair, (inner) => diffBlock(inner, schema), "sensitive-block");
  if (hidden !== undefined) return { ...hidden, forces };
  if (pair.unknown === true) {
    // The attributes inside are unknown then, not deleted.
    const inside = Object.fromEntries(Object.keys(schema.attributes).map((name) => [name, true]));
    return unknownNode(pair, (before) => diffBlock({ ...before, unknown: inside }, schema));
  }
  const { attributes, mark: attributesMark } = diffAttributes(pair, schema);
  let mark = attributesMark;
  const groups: BlockGroup[] = [];
  for (const name of Object.keys(schema.blocks).sort()) {
    const block = schema.blocks[name];
    const group = block === undefined ? undefined : diffGroup({ pair, name, ...block });
    if (group === undefined) continue;
    groups.push(group.group);
    mark = combine(mark, group.mark);
  }
  return { mark, forces, body: { kind: "block", attributes, groups } };
}

/** Write-only attributes come last: what happens to them is what happens to the rest of the block. */
function diffAttributes(pair: Pair, schema: BlockSchema): { attributes: Entry[]; mark: Mark } {
  const named = Object.entries(schema.attributes);
  const ordered = [
    ...named.filter(([, attribute]) => attribute.writeOnly !== true),
    ...named.filter(([, attribute]) => attribute.writeOnly === true),
  ];
  let mark = containerMark(pair);
  const attributes = ordered.flatMap(([key, attribute]): Entry[] => {
    const node = diffBlockAttribute(pair, { key, attribute, mark });
    if (node === undefined) return [];
    mark = combine(mark, node.mark);
    return [{ key, node }];
  });
  return { attributes: attributes.sort((a, b) => (a.key < b.key ? -1 : 1)), mark };
}

function diffBlockAttribute(
  pair: Pair,
  { key, attribute, mark }: { key: string; attribute: AttributeSchema; mark: Mark },
): Node | undefined {
  const relevant = onlyRelevant(memberPair(pair, key));
  const before = withoutEmpty(relevant.before);
  const after = withoutEmpty(relevant.after);
  const node = diffAttribute(
    { ...relevant, before, after, hasBefore: false, hasAfter: false },
    attribute,
    mark,
  );
  const isAbsent = node.mark === "none" && before === null && after === null;
  return isAbsent && attribute.writeOnly !== true ? undefined : node;
}

/** Providers on the older SDK cannot tell null from the empty string; the CLI takes both for null. */
function withoutEmpty(value: Value): Value {
  return value === "" ? null : value;
}

type GroupOf = { pair: Pair; name: string; nesting: Nesting; block: BlockSchema };

function diffGroup({ pair, name, nesting, block }: GroupOf): { group: BlockGroup; mark: Mark } | undefined {
  const blocks = onlyRelevant(memberPair(pair, name));
  const forces = forcesReplacement(blocks);
  if (blocks.unknown === true) {
    const node = unknownNode(blocks, (before) => diffBlock(before, block));
    return { group: { name, forces, blocks: [{ node }] }, mark: "none" };
  }
  if (blocks.before === null && blocks.after === null) return undefined;
  const nodes = diffBlocks(blocks, nesting, block);
  const isCollection = nesting === "list" || nesting === "set" || nesting === "map";
  const mark = combineAll(
    isCollection ? containerMark(blocks) : "none",
    nodes.map(({ node }) => node),
  );
  return {
    group: { name, forces, blocks: nodes },
    mark: isCollection ? mark : (nodes[0]?.node.mark ?? "none"),
  };
}

function diffBlocks(pair: Pair, nesting: Nesting, block: BlockSchema): BlockGroup["blocks"] {
  // A redacted plan has one string in the place of all blocks that are sensitive.
  if (typeof pair.before === "string" || typeof pair.after === "string")
    return [{ node: diffBlock(pair, block) }];
  switch (nesting) {
    case "list":
      return indexPairs(pair).map((element) => ({ node: diffBlock(element, block) }));
    case "set":
      return setPairs(pair).map((element) => ({ node: diffBlock(element, block) }));
    case "map":
      return valueKeys(pair).map((label) => ({
        label,
        node: diffBlock(onlyRelevant(memberPair(pair, label)), block),
      }));
    default:
      return [{ node: diffBlock(pair, block) }];
  }
}
