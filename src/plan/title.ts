import type { ResourceChange } from "./model.ts";
import { quote } from "./writer.ts";

/** `drift`: the change was found, it is not planned. */
export type TitleOptions = { cause: "change" | "drift"; values: "show" | "hide" };

/** The comment lines above an object: its address, what happens to it, why, and where it comes from. */
export function titleLines(resource: ResourceChange, options: TitleOptions): string[] {
  const { address, deposed, previousAddress } = resource;
  const shownAddress = deposed === undefined ? address : `${address} (deposed object ${deposed})`;
  const isMove = resource.action === "move" && previousAddress !== undefined;
  const sentences = [
    isMove
      ? `${previousAddress} has moved to ${shownAddress}`
      : `${shownAddress} ${happening(resource, options)}`,
    ...notes(resource),
    ...(previousAddress === undefined || isMove ? [] : [`(moved from ${previousAddress})`]),
    ...importNotes(resource, options),
  ];
  return sentences.map((sentence) => `  # ${oneLine(sentence)}`);
}

/** Addresses hold keys that anyone may choose; a title is one line. */
function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, " ");
}

function happening(resource: ResourceChange, { cause }: TitleOptions): string {
  switch (resource.action) {
    case "create":
      return "will be created";
    case "read":
      return "will be read during apply";
    case "update":
      return cause === "drift" ? "has changed" : "will be updated in-place";
    case "delete":
      return cause === "drift" ? "has been deleted" : "will be destroyed";
    case "forget":
      return "will no longer be managed by OpenTofu, but will not be destroyed";
    case "import":
      return "will be imported";
    case "replace":
      return replacement(resource);
    default:
      return "is unchanged";
  }
}

function replacement({ actionReason, replaceOrder }: ResourceChange): string {
  const kept = replaceOrder === "forget" ? ", but the existing object will not be destroyed" : "";
  switch (actionReason) {
    case "replace_because_tainted":
      return `is tainted, so must be replaced${kept}`;
    case "replace_by_request":
      return `will be replaced, as requested${kept}`;
    case "replace_by_triggers":
      return `will be replaced due to changes in replace_triggered_by${kept}`;
    default:
      return `must be replaced${kept}`;
  }
}

function notes(resource: ResourceChange): string[] {
  const isRemoval = resource.action === "forget" && resource.actionReason?.startsWith("delete_") === true;
  const reason = isRemoval ? undefined : reasonText(resource);
  const isLeftOver =
    resource.deposed !== undefined && (resource.action === "delete" || resource.action === "forget");
  return [
    ...(reason === undefined ? [] : [`(${reason})`]),
    ...(isLeftOver ? ["(left over from a partially-failed replacement of this instance)"] : []),
  ];
}

/** `action_reason` of the structured plan in words; replacements have theirs in the sentence itself. */
function reasonText({
  actionReason,
  type,
  name,
  address,
  previousAddress,
  moduleAddress,
  index,
}: ResourceChange) {
  const key = typeof index === "string" ? quote(index) : String(index);
  switch (actionReason) {
    case "read_because_config_unknown":
      return "config refers to values not yet known";
    case "read_because_dependency_pending":
      return "depends on a resource or a module with changes pending";
    case "read_because_check_nested":
      return "config will be reloaded to verify a check block";
    case "delete_because_no_resource_config":
      return `because ${type}.${name} is not in configuration`;
    case "delete_because_no_move_target":
      return `because ${previousAddress ?? "it"} was moved to ${address}, which is not in configuration`;
    case "delete_because_no_module":
      return `because ${moduleAddress ?? "its module"} is not in configuration`;
    case "delete_because_wrong_repetition":
      return `because resource ${wrongRepetition(index)}`;
    case "delete_because_count_index":
      return `because index [${key}] is out of range for count`;
    case "delete_because_each_key":
      return `because key [${key}] is not in for_each map`;
    case "forgot_because_lifecycle_destroy_in_state":
    case "forgot_because_lifecycle_destroy_in_config":
      return "because lifecycle.destroy = false was set";
    case "delete_because_enabled_false":
      return "because enabled is false";
    default:
      return undefined;
  }
}

function wrongRepetition(index: string | number | undefined): string {
  if (index === undefined) return "uses count or for_each";
  return typeof index === "number" ? "does not use count" : "does not use for_each";
}

/** The id of an imported object is a value: it is hidden with the others. */
function importNotes(
  { importing, action, generatesConfig }: ResourceChange,
  { values }: TitleOptions,
): string[] {
  if (importing === undefined) return [];
  const { id, identity } = importing;
  const shown = values === "show";
  const from = id === undefined ? undefined : `(imported from ${quote(id)})`;
  const by = identity === undefined ? undefined : `(imported by identity ${JSON.stringify(identity)})`;
  return [
    ...(generatesConfig === true ? ["(config will be generated)"] : []),
    ...(shown ? [from ?? by ?? "(will be imported first)"] : []),
    ...(action === "replace" ? ["Warning: this will destroy the imported resource"] : []),
  ];
}
