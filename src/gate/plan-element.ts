import { Failure } from "../failure.ts";
import type { JsonValue } from "../json.ts";

export type JsonObject = { [key: string]: JsonValue };

/** What a plan consists of, as far as it says what an apply would do. */
export type PlanPart = "resource" | "drift" | "output" | "variable" | "action";

/** The members of a structured plan that are compared: which part each holds, and whether as a list or by name. */
export const PLAN_MEMBERS: Readonly<Record<string, { part: PlanPart; kind: "list" | "object" }>> = {
  resource_changes: { part: "resource", kind: "list" },
  resource_drift: { part: "drift", kind: "list" },
  output_changes: { part: "output", kind: "object" },
  variables: { part: "variable", kind: "object" },
  action_invocations: { part: "action", kind: "list" },
};

/** Values before and after, and what of them is unknown, must not be shown, or forces a replacement. */
export type Values = {
  before: JsonValue;
  after: JsonValue;
  afterUnknown: JsonValue;
  beforeSensitive: JsonValue;
  afterSensitive: JsonValue;
  replacePaths: JsonValue[];
};

/** One element of a plan. `subject` names it, `facts` is what counts beside the values. */
export type PlanElement = { part: PlanPart; subject: string; facts: JsonObject; values: Values | undefined };

/**
 * Reads one element as `tofu show -json` writes it (opentofu internal/command/jsonplan/plan.go), keeping what decides what
 * an apply does. `undefined`: it does nothing. That is a no-op without a move or an import, whose values are those of the
 * state; and the removal of a data source, which only tidies up. Left out are `action_reason`, which by OpenTofu's own
 * comment is for display only and may grow, `generated_config`, which repeats `after`, and parts of the address.
 * `name`: the key of an output or variable. Throws Failure("server") on what is no such element.
 */
export function readElement(part: PlanPart, value: JsonValue, name = ""): PlanElement | undefined {
  if (part === "variable")
    return { part, subject: name, facts: { value: valueOfVariable(value) }, values: undefined };
  if (!isObject(value)) throw unreadable(part, "is not an object");
  if (part === "action") return readInvocation(value);
  return part === "output" ? readOutput(name, value) : readResource(part, value);
}

/** A provider's action that the apply starts (Terraform's `action`, JSON format 1.2 and later): all that is said of it counts. */
function readInvocation(value: JsonObject): PlanElement {
  return { part: "action", subject: textOf(value, "address", "action"), facts: value, values: undefined };
}

function readOutput(name: string, change: JsonObject): PlanElement | undefined {
  const actions = actionsOf(change, "output");
  if (actions === "no-op") return undefined;
  return { part: "output", subject: name, facts: { actions }, values: valuesOf(change) };
}

function readResource(part: "resource" | "drift", value: JsonObject): PlanElement | undefined {
  const change = field(value, "change");
  if (!isObject(change)) throw unreadable(part, "has no change");
  const address = textOf(value, "address", part);
  const deposed = field(value, "deposed") ?? "";
  const previous = field(value, "previous_address") ?? address;
  const mode = field(value, "mode") ?? "managed";
  const actions = actionsOf(change, part);
  const importing = field(change, "importing") ?? null;
  const isQuiet = actions === "no-op" && previous === address && importing === null;
  if (isQuiet || (mode === "data" && actions === "delete")) return undefined;
  const provider = field(value, "provider_name") ?? "";
  const facts = { address, deposed, previous, mode, type: field(value, "type") ?? "", provider, actions };
  const subject = deposed === "" ? address : `${address} (deposed ${String(deposed)})`;
  if (isFleeting(mode, value)) return { part, subject, facts, values: undefined };
  return { part, subject, facts: { ...facts, importing }, values: valuesOf(change) };
}

/**
 * Values that are never the same twice and never applied: those of an ephemeral object, which is opened anew, and of a
 * data source within a check block, which OpenTofu reads while planning and again during the apply (plans/changes.go,
 * ResourceInstanceReadBecauseCheckNested), so that holding the apply could not prevent a read that has happened.
 */
function isFleeting(mode: JsonValue, value: JsonObject): boolean {
  const isCheck = mode === "data" && field(value, "action_reason") === "read_because_check_nested";
  return isCheck || mode === "ephemeral";
}

function valuesOf(change: JsonObject): Values {
  const paths = field(change, "replace_paths");
  return {
    before: field(change, "before") ?? null,
    after: field(change, "after") ?? null,
    afterUnknown: field(change, "after_unknown") ?? false,
    beforeSensitive: field(change, "before_sensitive") ?? false,
    afterSensitive: field(change, "after_sensitive") ?? false,
    replacePaths: Array.isArray(paths) ? paths : [],
  };
}

/** `update`, or `delete,create`: the order says which of both comes first. */
function actionsOf(change: JsonObject, part: PlanPart): string {
  const actions = field(change, "actions");
  const isList = Array.isArray(actions) && actions.length > 0;
  if (!isList || !actions.every((action) => typeof action === "string"))
    throw unreadable(part, "has no actions");
  return actions.join(",");
}

function valueOfVariable(variable: JsonValue): JsonValue {
  return isObject(variable) ? (field(variable, "value") ?? null) : null;
}

function textOf(object: JsonObject, key: string, part: PlanPart): string {
  const text = field(object, key);
  if (typeof text !== "string" || text === "") throw unreadable(part, `has no ${key}`);
  return text;
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An own property, so that a key such as `constructor` finds nothing that was not sent. */
export function field(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

export function unreadable(part: PlanPart, problem: string): Failure {
  return new Failure(
    "server",
    `The structured plan that the server sent cannot be compared: an element of its part "${part}" ${problem}. ` +
      "Nothing was applied. If the server runs a newer OpenTofu or Terraform, update this action.",
  );
}
