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
export function readPlan(form: "redacted" | "plain", value: JsonValue): Plan {
  if (!isObject(value)) throw unreadablePlan("it", "is not a JSON object");
  refuseDeepNesting(value);
  checkFormat(form, value);
  const relevant = relevantPaths(value);
  return {
    resources: readResources(value, "resource_changes"),
    drift: readResources(value, "resource_drift").map((change) => {
      const paths = [...(relevant.get(change.address) ?? []), ...(relevant.get("") ?? [])];
      return paths.length === 0 ? change : { ...change, relevantPaths: paths };
    }),
    outputs: entries(value, "output_changes", "").map(([name, change]) => readOutput(name, change)),
    schemas: readSchemas(field(value, "provider_schemas")),
    source: form,
  };
}

/** Formats 0.x and 1.x are told apart from any other JSON by their version and by at least one part of a plan. */
function checkFormat(form: "redacted" | "plain", plan: JsonObject): void {
  const versionField = form === "redacted" ? "plan_format_version" : "format_version";
  const version = requiredText(plan, versionField, "plan");
  if (!/^[01]\./.test(version)) throw unreadablePlan(versionField, "is neither 0.x nor 1.x");
  const parts = ["resource_changes", "output_changes", "planned_values"];
  if (!parts.some((part) => Object.hasOwn(plan, part))) {
    throw unreadablePlan("it", `has none of ${parts.join(", ")}`);
  }
}

function readResources(plan: JsonObject, part: string): ResourceChange[] {
  return list(plan, part, "").flatMap((item, index) => {
    const where = `${part}[${index}]`;
    if (!isObject(item)) throw unreadablePlan(where, "is not an object");
    // Ephemeral objects are opened and closed while planning: nothing happens to them that a plan could show.
    return text(item, "mode") === "ephemeral" ? [] : [readResource(item, where)];
  });
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

function readOutput(name: string, change: JsonValue): OutputChange {
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
function relevantPaths(plan: JsonObject): Map<string, (string | number)[][]> {
  const paths = new Map<string, (string | number)[][]>();
  for (const item of list(plan, "relevant_attributes", "")) {
    if (!isObject(item)) continue;
    const address = text(item, "resource") ?? "";
    const attribute = field(item, "attribute");
    const known = paths.get(address) ?? [];
    known.push(Array.isArray(attribute) ? readPath(attribute) : []);
    paths.set(address, known);
  }
  return paths;
}
