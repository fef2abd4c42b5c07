import type { AttributeSchema, BlockSchema, ResourceChange, ValueType } from "./model.ts";
import { allKeys, elementPair, memberPair, type Pair } from "./pair.ts";
import { asArray, asObject, kindOf, type Value } from "./value.ts";

const primitive: AttributeSchema = { type: { kind: "primitive" } };
const dynamic: AttributeSchema = { type: { kind: "dynamic" } };
const stringMap: ValueType = { kind: "map", element: { kind: "primitive" } };

/** The two types that are built into OpenTofu and Terraform. */
const builtIn: ReadonlyMap<string, BlockSchema> = new Map<string, BlockSchema>([
  [
    "terraform_data",
    { attributes: { id: primitive, input: dynamic, output: dynamic, triggers_replace: dynamic }, blocks: {} },
  ],
  [
    "terraform_remote_state",
    {
      attributes: {
        backend: primitive,
        config: dynamic,
        defaults: dynamic,
        outputs: dynamic,
        workspace: primitive,
      },
      blocks: {},
    },
  ],
]);

/** The schema of a type that is built in, where the object has nothing that is not in it. */
export function builtInSchema({ type, providerName }: ResourceChange, pair: Pair): BlockSchema | undefined {
  const known = providerName.endsWith("/builtin/terraform") ? builtIn.get(type) : undefined;
  const fits = known !== undefined && allKeys(pair).every((key) => Object.hasOwn(known.attributes, key));
  return fits ? known : undefined;
}

/**
 * A schema for an object whose own is not known: the plain plan carries none. Lists of objects with the same members
 * are taken for nested blocks and objects of strings for maps, which is what they are with most providers.
 */
export function guessSchema(pair: Pair): BlockSchema {
  return guessBlock([pair]);
}

/** One schema for all these objects: whatever one of them has. */
function guessBlock(objects: Pair[]): BlockSchema {
  const attributes: [string, AttributeSchema][] = [];
  const blocks: [string, BlockSchema["blocks"][string]][] = [];
  for (const key of new Set(objects.flatMap(allKeys))) {
    const present = objects.map((object) => memberPair(object, key)).filter(isPresent);
    if (
      key === "timeouts" &&
      present.every((child) => sides(child).every((side) => kindOf(side) === "object"))
    ) {
      blocks.push([key, { nesting: "single", block: guessBlock(present) }]);
    } else if (present.length > 0 && present.every(areBlocks)) {
      blocks.push([key, { nesting: "list", block: guessBlock(present.flatMap(elementsOf)) }]);
    } else {
      attributes.push([key, { type: guessType(present.flatMap(sides)) }]);
    }
  }
  return { attributes: Object.fromEntries(attributes), blocks: Object.fromEntries(blocks) };
}

function isPresent(child: Pair): boolean {
  return child.before !== null || child.after !== null || child.unknown === true;
}

function sides(child: Pair): Value[] {
  return [child.before, child.after].filter((side) => side !== null);
}

function elementsOf(child: Pair): Pair[] {
  const length = Math.max(asArray(child.before).length, asArray(child.after).length);
  return Array.from({ length }, (_, index) => elementPair(child, { before: index, after: index }));
}

/** An empty list counts as no blocks: providers write it for every kind of block that is not used. */
function areBlocks(child: Pair): boolean {
  if (child.unknown === true || child.beforeMask === true || child.afterMask === true) return false;
  if (!sides(child).every((side) => Array.isArray(side))) return false;
  const elements = sides(child).flatMap(asArray);
  const shapes = elements.map((element) => (kindOf(element) === "object" ? memberNames(element) : undefined));
  // Members that are unknown are not among those of the planned object.
  const mayDiffer = child.unknown !== false;
  return shapes.every((shape) => shape !== undefined && (mayDiffer || shape === shapes[0]));
}

function memberNames(element: Value): string {
  return JSON.stringify(Object.keys(asObject(element)).sort());
}

function guessType(values: Value[]): ValueType {
  const isMap = (value: Value) =>
    kindOf(value) === "object" && Object.values(asObject(value)).every(isStringOrNull);
  return values.length > 0 && values.every(isMap) ? stringMap : { kind: "dynamic" };
}

function isStringOrNull(value: Value): boolean {
  return value === null || typeof value === "string";
}
