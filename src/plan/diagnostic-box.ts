import type { JsonValue } from "../json.ts";
import { field, isObject, type JsonObject, nonEmpty, text } from "./json-shape.ts";
import type { Diagnostic } from "./model.ts";

/** The CLI wraps details for a terminal of 78 columns, two of them for the box, one kept free. */
const detailWidth = 75;

type Parsed = { diagnostic: Diagnostic; lines: string[] };

/**
 * A diagnostic of the JSON log (`tofu plan -json`, "diagnostic") and the box that the CLI draws for it: severity and
 * summary, address, place, code, values, detail.
 */
export function drawDiagnostic(value: JsonValue | undefined): Parsed | undefined {
  if (!isObject(value)) return undefined;
  const severity = text(value, "severity");
  const summary = text(value, "summary") ?? "";
  const detail = text(value, "detail") ?? "";
  const address = nonEmpty(value, "address");
  const source = sourceLines(value);
  const title =
    severity === "error" ? `Error: ${summary}` : severity === "warning" ? `Warning: ${summary}` : summary;
  const content = [
    ...title.split("\n"),
    "",
    ...(address === undefined ? [] : [`  with ${address},`]),
    ...(source.length === 0 ? [] : [...source, ""]),
    ...(detail === ""
      ? []
      : detail.split("\n").flatMap((line) => (line.startsWith(" ") ? [line] : wrap(line)))),
  ];
  const diagnostic: Diagnostic = {
    severity: severity === "error" ? "error" : "warning",
    summary,
    detail,
    ...place(value),
    ...(source.length === 0 ? {} : { snippet: source.join("\n").trimStart() }),
    ...(address === undefined ? {} : { address }),
  };
  return { diagnostic, lines: ["╷", ...content.map((line) => (line === "" ? "│" : `│ ${line}`)), "╵"] };
}

function place(diagnostic: JsonObject): Pick<Diagnostic, "file" | "line" | "endLine"> {
  const range = field(diagnostic, "range");
  if (!isObject(range)) return {};
  const file = nonEmpty(range, "filename");
  const line = lineOf(field(range, "start"));
  const endLine = lineOf(field(range, "end"));
  return {
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
    ...(endLine === undefined ? {} : { endLine }),
  };
}

function lineOf(position: JsonValue | undefined): number | undefined {
  const line = isObject(position) ? field(position, "line") : undefined;
  return typeof line === "number" ? line : undefined;
}

function sourceLines(diagnostic: JsonObject): string[] {
  const { file, line } = place(diagnostic);
  if (file === undefined) return [];
  const snippet = field(diagnostic, "snippet");
  const at = `  on ${file} line ${line ?? 0}`;
  if (!isObject(snippet)) return [`${at}:`, "  (source code not available)"];
  const context = nonEmpty(snippet, "context");
  const start = field(snippet, "start_line");
  const first = typeof start === "number" ? start : (line ?? 1);
  const code = (text(snippet, "code") ?? "").split("\n");
  return [
    `${at}${context === undefined ? "" : `, in ${context}`}:`,
    ...code.map((codeLine, index) => `${String(first + index).padStart(4)}: ${codeLine}`),
    ...valueLines(snippet),
  ];
}

/** What the expressions in the code were when it failed, and the function that was called. */
function valueLines(snippet: JsonObject): string[] {
  const values = field(snippet, "values");
  const statements = (Array.isArray(values) ? values : [])
    .filter(isObject)
    .map((value) => `    │ ${text(value, "traversal") ?? ""} ${text(value, "statement") ?? ""}`)
    .sort();
  const call = callLine(field(snippet, "function_call"));
  const lines = [...(call === undefined ? [] : [call]), ...statements];
  return lines.length === 0 ? [] : ["    ├────────────────", ...lines];
}

function callLine(call: JsonValue | undefined): string | undefined {
  const signature = isObject(call) ? field(call, "signature") : undefined;
  if (!isObject(call) || !isObject(signature)) return undefined;
  const listed = field(signature, "params");
  const variadic = field(signature, "variadic_param");
  const names = (Array.isArray(listed) ? listed : [])
    .filter(isObject)
    .map((param) => text(param, "name") ?? "");
  if (isObject(variadic)) names.push(`${text(variadic, "name") ?? ""}...`);
  return `    │ while calling ${text(call, "called_as") ?? ""}(${names.join(", ")})`;
}

/** Breaks a line between words; a word that is wider than a line stays whole. */
function wrap(line: string): string[] {
  const lines: string[] = [];
  let current = "";
  let width = 0;
  for (const [, spaces = "", word = ""] of line.matchAll(/( *)([^ ]+)/g)) {
    const wordWidth = [...word].length;
    if (width + spaces.length + wordWidth > detailWidth && wordWidth < detailWidth && current !== "") {
      lines.push(current);
      current = word;
      width = wordWidth;
    } else {
      current += spaces + word;
      width += spaces.length + wordWidth;
    }
  }
  return [...lines, current];
}
