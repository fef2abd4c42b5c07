import type { JsonValue } from "../json.ts";

/**
 * What happens to one object. `move`, `import` are a no-op change that only changes the address or brings the object
 * under management; an import or a move that also changes the object has the action of that change.
 */
export type Action = "create" | "update" | "replace" | "delete" | "read" | "forget" | "move" | "import" | "no-op";

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
  /** Key of a deposed object, as servers give it. */
  deposed?: string;
  action: Action;
  /** For a replacement: which comes first. */
  replaceOrder?: "create-first" | "destroy-first";
  /** `action_reason` of the structured plan, e.g. `replace_because_tainted`. */
  actionReason?: string;
  /** Present when the object is imported; `id` is absent while unknown or where an identity was used instead. */
  importing?: { id?: string };
};

export type OutputChange = Change & { name: string; action: Action };

/** Nesting of one block or attribute, from `provider_schemas` where the server sends them. */
export type BlockSchema = {
  attributes: Record<string, { nested?: BlockSchema; sensitive?: boolean }>;
  blocks: Record<string, { nesting: "single" | "list" | "set" | "map" | "group"; block: BlockSchema }>;
};

/** A structured plan, whatever form the server gave it in. */
export type Plan = {
  resources: ResourceChange[];
  /** Changes made outside of OpenTofu, found while refreshing. */
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
