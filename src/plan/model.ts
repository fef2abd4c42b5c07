import type { JsonValue } from "../json.ts";

/**
 * What happens to one object. `move`, `import` are a no-op change that only changes the address or brings the object
 * under management; an import or a move that also changes the object has the action of that change.
 */
export type Action =
  | "create"
  | "update"
  | "replace"
  | "delete"
  | "read"
  | "forget"
  | "move"
  | "import"
  | "no-op";

/** Before and after of an object or an output, masks beside them (structure of `tofu show -json`, "change"). */
export type Change = {
  before: JsonValue;
  after: JsonValue;
  /** `true` or a structure that mirrors `after` with `true` at what is known only after the apply. */
  afterUnknown: JsonValue;
  /** `true` or a structure with `true` at what must never be shown. */
  beforeSensitive: JsonValue;
  afterSensitive: JsonValue;
  /** Paths of attributes that force the replacement; steps are attribute names and indexes. */
  replacePaths: (string | number)[][];
  /** The change is so many bytes of JSON, too many to be shown: `before`, `after` and what mirrors them are left out. */
  tooLarge?: number;
};

export type ResourceChange = Change & {
  /** Absolute address, instance key included: `module.a["x"].aws_s3_bucket.b[0]`. */
  address: string;
  /** The address before a move. */
  previousAddress?: string;
  mode: "managed" | "data";
  type: string;
  name: string;
  providerName: string;
  /** Address of the module instance, absent in the root module. */
  moduleAddress?: string;
  /** Instance key of `count` or `for_each`. */
  index?: string | number;
  /** Key of a deposed object, as servers give it. */
  deposed?: string;
  action: Action;
  /** For a replacement: which comes first; `forget`: the old object is not destroyed but forgotten. */
  replaceOrder?: "create-first" | "destroy-first" | "forget";
  /** `action_reason` of the structured plan, e.g. `replace_because_tainted`. */
  actionReason?: string;
  /** Present when the object is imported; `id` is absent while unknown or where an identity was used instead. */
  importing?: { id?: string; identity?: JsonValue };
  /** The configuration of an imported object will be generated. */
  generatesConfig?: true;
  /** Drift only: paths of attributes that the plan depends on; the CLI shows no other drift (`isShownDrift`). */
  relevantPaths?: (string | number)[][];
};

export type OutputChange = Change & { name: string; action: Action };

/** What a report says of an object: where it is and what happens to it, without its values. */
export type ResourceFacts = Pick<
  ResourceChange,
  | "address"
  | "previousAddress"
  | "mode"
  | "deposed"
  | "action"
  | "replaceOrder"
  | "replacePaths"
  | "actionReason"
  | "importing"
>;

/** A plan without its values. Changes that change nothing may be left out. */
export type PlanFacts = {
  resources: ResourceFacts[];
  drift: ResourceFacts[];
  outputs: Pick<OutputChange, "name" | "action">[];
};

/** The type of an attribute, as `provider_schemas` spell cty types. */
export type ValueType =
  | { kind: "primitive" }
  | { kind: "dynamic" }
  | { kind: "list" | "set" | "map"; element: ValueType }
  | { kind: "object"; attributes: Record<string, ValueType> }
  | { kind: "tuple"; elements: ValueType[] };

export type Nesting = "single" | "list" | "set" | "map" | "group";

/** One attribute: a plain value, or nested attributes (`nested_type`) in the given nesting. */
export type AttributeSchema = {
  type: ValueType;
  nested?: { nesting: Nesting; attributes: Record<string, AttributeSchema> };
  sensitive?: boolean;
  writeOnly?: boolean;
};

/** Attributes and nested blocks of a resource or of one block, from `provider_schemas` where the server sends them. */
export type BlockSchema = {
  attributes: Record<string, AttributeSchema>;
  blocks: Record<string, { nesting: Nesting; block: BlockSchema }>;
};

/** A structured plan, whatever form the server gave it in. */
export type Plan = {
  resources: ResourceChange[];
  /** Every change made outside of OpenTofu, found while refreshing; what the CLI shows of it is `isShownDrift`. */
  drift: ResourceChange[];
  outputs: OutputChange[];
  /** Schema of a resource by `provider name/mode/type`, empty where the server sends none. */
  schemas: Record<string, BlockSchema>;
  /** The form it was read from. */
  source: "redacted" | "plain";
};

/** Counts as the CLI's "Plan:" line has them: a replacement counts in `add` and in `destroy`. */
export type Counts = {
  add: number;
  change: number;
  destroy: number;
  import: number;
  move: number;
  forget: number;
};

/** A warning or an error of the plan, from structured logs or from the text of the log. */
export type Diagnostic = {
  severity: "error" | "warning";
  summary: string;
  detail: string;
  /** Relative to the root module where the server tells it. */
  file?: string;
  line?: number;
  endLine?: number;
  /** `on main.tf line 3, in resource "x" "y":` and the code that it shows, plain text. */
  snippet?: string;
  address?: string;
};
