import type { JsonValue } from "../json.ts";
import {
  entries,
  field,
  isObject,
  type JsonObject,
  list,
  nonEmpty,
  refuseDeepNesting,
  requiredText,
  text,
  unreadablePlan,
} from "./json-shape.ts";
import type { Action, Change, OutputChange, Plan, ResourceChange } from "./model.ts";
import { readSchemas } from "./read-schema.ts";

type Actions = { action: Action; replaceOrder?: "create-first" | "destroy-first" | "forget" };

/**
 * Lists of actions as `tofu show -json` documents them; `forget` beside `create` replaces an object and leaves the old
 * one alone (OpenTofu writes forget first, Terraform create first).
 */
const actionsByName: ReadonlyMap<string, Actions> = new Map<string, Actions>([
  ["no-op", { action: "no-op" }],
  ["create", { action: "create" }],
  ["read", { action: "read" }],
  ["update", { action: "update" }],
  ["delete", { action: "delete" }],
  ["forget", { action: "forget" }],
  ["delete,create", { action: "replace", replaceOrder: "destroy-first" }],
  ["create,delete", { action: "replace", replaceOrder: "create-first" }],
  ["forget,create", { action: "replace", replaceOrder: "forget" }],
  ["create,forget", { action: "replace", replaceOrder: "forget" }],
]);

/**
 * Reads a structured plan: `plain` is the JSON of `tofu show -json PLANFILE` (`json-output`), `redacted` is what
 * `json-output-redacted` answers, the same changes beside `plan_format_version` and `provider_schemas`. Unknown fields
 * are passed over. Throws Failure("server") on what is no plan, or has an action that is not known.
 */
export function readPlan(form: PlanForm, value: JsonValue): Plan {
  if (!isObject(value)) throw unreadablePlan("it", "is not a JSON object");
  refuseDeepNesting(value);
  checkFormat(field(value, formatField[form]), { form, has: (part) => Object.hasOwn(value, part) });
  const relevant: RelevantPaths = new Map();
  for (const item of list(value, "relevant_attributes", "")) addRelevant(relevant, item);
  return {
    resources: readResources(value, "resource_changes"),
    drift: readResources(value, "resource_drift").map((change) => withRelevant(change, relevant)),
    outputs: entries(value, "output_changes", "").map(([name, change]) => readOutput(name, change)),
    schemas: readSchemas(field(value, "provider_schemas")),
    source: form,
  };
}

/** Which of its two forms a server gave a plan in. */
export type PlanForm = Plan["source"];

/** The member that holds the version of the format. */
export const formatField = { redacted: "plan_format_version", plain: "format_version" } as const;

/** Formats 0.x and 1.x are told apart from any other JSON by their version and by at least one part of a plan. */
export function checkFormat(
  version: JsonValue | undefined,
  { form, has }: { form: PlanForm; has: (part: string) => boolean },
): void {
  const versionField = formatField[form];
  if (typeof version !== "string") throw unreadablePlan(`plan.${versionField}`, "is not a string");
  if (!/^[01]\./.test(version)) throw unreadablePlan(versionField, "is neither 0.x nor 1.x");
  const parts = ["resource_changes", "output_changes", "planned_values"];
  if (!parts.some(has)) throw unreadablePlan("it", `has none of ${parts.join(", ")}`);
}

function readResources(plan: JsonObject, part: string): ResourceChange[] {
  return list(plan, part, "").flatMap((item, index) => readResourceChange(item, `${part}[${index}]`) ?? []);
}

/** One element of `resource_changes` or `resource_drift`; `where` names it in errors. */
export function readResourceChange(item: JsonValue, where: string): ResourceChange | undefined {
  if (!isObject(item)) throw unreadablePlan(where, "is not an object");
  // Ephemeral objects are opened and closed while planning: nothing happens to them that a plan could show.
  return text(item, "mode") === "ephemeral" ? undefined : readResource(item, where);
}

function readResource(item: JsonObject, where: string): ResourceChange {
  const change = field(item, "change");
  if (!isObject(change)) throw unreadablePlan(`${where}.change`, "is not an object");
  const resource: ResourceChange = {
    address: requiredText(item, "address", where),
    mode: text(item, "mode") === "data" ? "data" : "managed",
    type: requiredText(item, "type", where),
    name: requiredText(item, "name", where),
    providerName: text(item, "provider_name") ?? "",
    ...readActions(change, where),
    ...readChange(change),
  };
  addPlace(resource, item);
  addImport(resource, change);
  if (resource.action === "no-op") resource.action = quietAction(resource);
  return resource;
}

function addPlace(resource: ResourceChange, item: JsonObject): void {
  const previous = nonEmpty(item, "previous_address");
  const moduleAddress = nonEmpty(item, "module_address");
  const deposed = nonEmpty(item, "deposed");
  const reason = nonEmpty(item, "action_reason");
  const index = field(item, "index");
  if (previous !== undefined && previous !== resource.address) resource.previousAddress = previous;
  if (moduleAddress !== undefined) resource.moduleAddress = moduleAddress;
  if (deposed !== undefined) resource.deposed = deposed;
  if (reason !== undefined) resource.actionReason = reason;
  if (typeof index === "string" || typeof index === "number") resource.index = index;
}

function addImport(resource: ResourceChange, change: JsonObject): void {
  const importing = field(change, "importing");
  if (isObject(importing)) {
    const id = nonEmpty(importing, "id");
    const identity = field(importing, "identity") ?? null;
    resource.importing = { ...(id === undefined ? {} : { id }), ...(identity === null ? {} : { identity }) };
  }
  if (nonEmpty(change, "generated_config") !== undefined) resource.generatesConfig = true;
}

/** A change that leaves the object alone can still move it or bring it under management. */
function quietAction(resource: ResourceChange): Action {
  if (resource.previousAddress !== undefined) return "move";
  return resource.importing === undefined ? "no-op" : "import";
}

/** One entry of `output_changes`. */
export function readOutput(name: string, change: JsonValue): OutputChange {
  const where = `output_changes[${JSON.stringify(name)}]`;
  if (!isObject(change)) throw unreadablePlan(where, "is not an object");
  return { name, action: readActions(change, where).action, ...readChange(change) };
}

function readActions(change: JsonObject, where: string): Actions {
  const names = list(change, "actions", `${where}.change.`);
  const actions = names.every((name) => typeof name === "string")
    ? actionsByName.get(names.join(","))
    : undefined;
  if (actions === undefined)
    throw unreadablePlan(`${where}.change.actions`, "is not a known list of actions");
  return actions;
}

function readChange(change: JsonObject): Change {
  return {
    before: field(change, "before") ?? null,
    after: field(change, "after") ?? null,
    afterUnknown: field(change, "after_unknown") ?? false,
    beforeSensitive: field(change, "before_sensitive") ?? false,
    afterSensitive: field(change, "after_sensitive") ?? false,
    replacePaths: readPaths(field(change, "replace_paths")),
  };
}

function readPaths(value: JsonValue | undefined): (string | number)[][] {
  return Array.isArray(value) ? value.flatMap((path) => (Array.isArray(path) ? [readPath(path)] : [])) : [];
}

function readPath(steps: JsonValue[]): (string | number)[] {
  return steps.filter((step) => typeof step === "string" || typeof step === "number");
}

/** `relevant_attributes` by resource address; the address "" stands for every resource. */
export type RelevantPaths = Map<string, (string | number)[][]>;

/** Adds one element of `relevant_attributes`. */
export function addRelevant(paths: RelevantPaths, item: JsonValue): void {
  if (!isObject(item)) return;
  const address = text(item, "resource") ?? "";
  const attribute = field(item, "attribute");
  const known = paths.get(address) ?? [];
  known.push(Array.isArray(attribute) ? readPath(attribute) : []);
  paths.set(address, known);
}

/** A change made outside with the paths that the plan depends on. */
export function withRelevant(change: ResourceChange, relevant: RelevantPaths): ResourceChange {
  const paths = [...(relevant.get(change.address) ?? []), ...(relevant.get("") ?? [])];
  return paths.length === 0 ? change : { ...change, relevantPaths: paths };
}
