import type { Mark, Node } from "./node.ts";
import type { Style } from "./writer.ts";

/** The four columns before a name or a value. */
const symbols: Record<Mark, string> = { create: "  + ", update: "  ~ ", delete: "  - ", none: "    " };

/** The start of a line one step inside, with its mark. */
export function linePrefix(mark: Mark, style: Style): string {
  return "    ".repeat(style.indent + 1) + symbols[mark];
}

/** The start of the line that closes what is printed. */
export function closingPrefix(style: Style): string {
  return "    ".repeat(style.indent + 1);
}

export function nullSuffix(node: Node, style: Style): string {
  return node.mark === "delete" && !style.hideNull ? " -> null" : "";
}

export function forcesSuffix(node: Node, style: Style): string {
  return node.forces || style.force ? " # forces replacement" : "";
}

/** The line that stands for what does not change. */
export function hiddenLine(what: "attribute" | "element" | "block", count: number, style: Style): string {
  return `${linePrefix("none", style)}# (${count} unchanged ${what}${count === 1 ? "" : "s"} hidden)`;
}

/** Lines before a value that stops or starts to be sensitive. */
export function warningLines(node: Node, style: Style): string[] {
  const { body } = node;
  if (body.kind !== "sensitive" && body.kind !== "sensitive-block") return [];
  if (body.before === body.after || body.inner === "create" || body.inner === "delete") return [];
  const what = body.kind === "sensitive" ? "attribute value" : "block";
  const unchanged = body.kind === "sensitive" && body.inner === "none" ? " The value is unchanged." : "";
  const start = `${"    ".repeat(style.indent + 1)}  # `;
  return body.before
    ? [
        `${start}Warning: this ${what} will no longer be marked as sensitive`,
        `${start}after applying this change.${unchanged}`,
      ]
    : [
        `${start}Warning: this ${what} will be marked as sensitive and will not`,
        `${start}display in UI output after applying this change.${unchanged}`,
      ];
}
