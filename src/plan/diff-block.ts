import { diffAttribute, indexPairs, setPairs, unknownNode } from "./diff-declared.ts";
import { containerMark, scalarMark, sensitiveNode } from "./diff-dynamic.ts";
import type { AttributeSchema, BlockSchema, Nesting } from "./model.ts";
import { type BlockGroup, combine, combineAll, type Entry, type Mark, type Node } from "./node.ts";
import {
  forcesReplacement,
  hides,
  memberPair,
  onlyRelevant,
  type Pair,
  unchangedValue,
  valueKeys,
} from "./pair.ts";

/** A block's schema, and whether its provider cannot tell null from the empty string (those on the older SDK). */
export type BlockOptions = { schema: BlockSchema; emptyIsNull: boolean };

/** A resource or a nested block: its attributes, then its blocks, each in the order of their names. */
export function diffBlock(pair: Pair, options: BlockOptions): Node {
  const { schema } = options;
  const forces = forcesReplacement(pair);
  const hidden = sensitiveNode(pair, (inner) => diffBlock(inner, options), "sensitive-block");
  if (hidden !== undefined) return { ...hidden, forces };
  if (pair.unknown === true) {
    // The attributes inside are unknown then, not deleted.
    const inside = Object.fromEntries(Object.keys(schema.attributes).map((name) => [name, true]));
    return unknownNode(pair, (before) => diffBlock({ ...before, unknown: inside }, options));
  }
  const { attributes, mark: attributesMark } = diffAttributes(pair, options);
  let mark = attributesMark;
  const groups: BlockGroup[] = [];
  for (const name of Object.keys(schema.blocks).sort()) {
    const block = schema.blocks[name];
    const group =
      block === undefined
        ? undefined
        : diffGroup({ pair, name, nesting: block.nesting, options: { ...options, schema: block.block } });
    if (group === undefined) continue;
    groups.push(group.group);
    mark = combine(mark, group.mark);
  }
  return { mark, forces, body: { kind: "block", attributes, groups } };
}

/** Write-only attributes come last: what happens to them is what happens to the rest of the block. */
function diffAttributes(
  pair: Pair,
  { schema, emptyIsNull }: BlockOptions,
): { attributes: Entry[]; mark: Mark } {
  const named = Object.entries(schema.attributes);
  const ordered = [
    ...named.filter(([, attribute]) => attribute.writeOnly !== true),
    ...named.filter(([, attribute]) => attribute.writeOnly === true),
  ];
  let mark = containerMark(pair);
  const attributes = ordered.flatMap(([key, attribute]): Entry[] => {
    const node = diffBlockAttribute(pair, { key, attribute, mark, emptyIsNull });
    if (node === undefined) return [];
    mark = combine(mark, node.mark);
    return [{ key, node }];
  });
  return { attributes: attributes.sort((a, b) => (a.key < b.key ? -1 : 1)), mark };
}

type AttributeOf = { key: string; attribute: AttributeSchema; mark: Mark; emptyIsNull: boolean };

function diffBlockAttribute(
  pair: Pair,
  { key, attribute, mark, emptyIsNull }: AttributeOf,
): Node | undefined {
  const relevant = onlyRelevant(memberPair(pair, key));
  const before = emptyIsNull && relevant.before === "" ? null : relevant.before;
  const after = emptyIsNull && relevant.after === "" ? null : relevant.after;
  const node = diffAttribute(
    { ...relevant, before, after, hasBefore: false, hasAfter: false },
    attribute,
    mark,
  );
  const isAbsent = node.mark === "none" && before === null && after === null;
  return isAbsent && attribute.writeOnly !== true ? undefined : node;
}

type GroupOf = { pair: Pair; name: string; nesting: Nesting; options: BlockOptions };

function diffGroup({ pair, name, nesting, options }: GroupOf): { group: BlockGroup; mark: Mark } | undefined {
  const blocks = onlyRelevant(memberPair(pair, name));
  const forces = forcesReplacement(blocks);
  if (blocks.unknown === true) {
    const node = unknownNode(blocks, (before) => diffBlock(before, options));
    return { group: { name, forces, blocks: [{ node }] }, mark: "none" };
  }
  if (blocks.before === null && blocks.after === null) return undefined;
  const nodes = diffBlocks(blocks, nesting, options);
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

function diffBlocks(pair: Pair, nesting: Nesting, options: BlockOptions): BlockGroup["blocks"] {
  if (isHiddenWhole(pair, nesting)) return [{ node: hiddenGroup(pair, options) }];
  switch (nesting) {
    case "list":
      return indexPairs(pair).map((element) => ({ node: diffBlock(element, options) }));
    case "set":
      return setPairs(pair).map((element) => ({ node: diffBlock(element, options) }));
    case "map":
      return valueKeys(pair).map((label) => ({
        label,
        node: diffBlock(onlyRelevant(memberPair(pair, label)), options),
      }));
    default:
      return [{ node: diffBlock(pair, options) }];
  }
}

/** Labels are hidden with their blocks, and a redacted plan has one string in the place of all blocks. */
function isHiddenWhole(pair: Pair, nesting: Nesting): boolean {
  const isString = typeof pair.before === "string" || typeof pair.after === "string";
  return (
    isString ||
    (nesting === "map" && (hides(pair.beforeMask, pair.before) || hides(pair.afterMask, pair.after)))
  );
}

function hiddenGroup(pair: Pair, options: BlockOptions): Node {
  const blocks = valueKeys(pair).map((label) => diffBlock(memberPair(pair, label), options));
  const container = unchangedValue(pair) ? "none" : scalarMark(pair);
  const mark = combineAll(container, blocks);
  const [before, after] = [hides(pair.beforeMask, pair.before), hides(pair.afterMask, pair.after)];
  return {
    mark,
    forces: forcesReplacement(pair),
    body: { kind: "sensitive-block", inner: mark, before, after },
  };
}
