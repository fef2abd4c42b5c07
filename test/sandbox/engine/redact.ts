import type { JsonValue } from "../../../src/json.ts";

type JsonRecord = { [key: string]: JsonValue };

const isObject = (value: JsonValue | undefined): value is JsonRecord =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Stands for a sensitive value. */
const redacted = "REDACTED";

/**
 * The redacted form of a structured plan: what the CLI's plan renderer reads, i.e. the changes of a `show -json` and
 * the provider schemas of a `providers schema -json`, each sensitive value replaced.
 */
export function redactPlan(plan: JsonValue, schemas: JsonValue): JsonValue {
  const source = isObject(plan) ? plan : {};
  const provider = isObject(schemas) ? schemas : {};
  return {
    plan_format_version: source["format_version"] ?? null,
    provider_format_version: provider["format_version"] ?? null,
    resource_changes: listOf(source["resource_changes"]).map(redactHolder),
    resource_drift: listOf(source["resource_drift"]).map(redactHolder),
    output_changes: Object.fromEntries(
      Object.entries(isObject(source["output_changes"]) ? source["output_changes"] : {}).map(
        ([name, change]) => [name, redactChange(change)],
      ),
    ),
    relevant_attributes: source["relevant_attributes"] ?? [],
    provider_schemas: provider["provider_schemas"] ?? {},
  };
}

const listOf = (value: JsonValue | undefined): JsonValue[] => (Array.isArray(value) ? value : []);

const redactHolder = (holder: JsonValue): JsonValue =>
  isObject(holder) ? { ...holder, change: redactChange(holder["change"] ?? null) } : holder;

function redactChange(change: JsonValue): JsonValue {
  if (!isObject(change)) return change;
  return {
    ...change,
    before: hide(change["before"] ?? null, change["before_sensitive"] ?? false),
    after: hide(change["after"] ?? null, change["after_sensitive"] ?? false),
  };
}

/** The value with everything replaced where the mask, a structure that mirrors it, says `true`. */
function hide(value: JsonValue, mask: JsonValue): JsonValue {
  if (mask === true) return value === null ? null : redacted;
  if (Array.isArray(value) && Array.isArray(mask))
    return value.map((item, index) => hide(item, mask[index] ?? false));
  if (isObject(value) && isObject(mask)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, hide(item, mask[key] ?? false)]),
    );
  }
  return value;
}
