import type { Node } from "web-tree-sitter";
import type { SourcePosition } from "../../failure.ts";
import { loadHclParser, type ReadHcl } from "../hcl.ts";
import { type ExpressionSource, syntaxFailure } from "../syntax.ts";
import type { Expression } from "./expression.ts";
import { jsonExpression, plainText } from "./json-expression.ts";
import { readExpression, templateReading } from "./read-expression.ts";
import { readBareTemplate } from "./read-template.ts";

/** Parses texts that are expressions by themselves. Throws a Failure that names `position`, which is where they came from. */
export type ExpressionParser = {
  expression: (text: string, position: SourcePosition) => Expression;
  /** Of either syntax; `plain` where nothing may be referred to, so that strings of JSON are no templates. */
  source: (source: ExpressionSource, position: SourcePosition, plain?: "plain") => Expression;
};

/** Loads the grammar (about 20 ms at the first call). */
export async function loadExpressionParser(): Promise<ExpressionParser> {
  const parseHcl = await loadHclParser();
  const parser: ExpressionParser = {
    expression: (text, position) =>
      parseHcl(`value = (\n${withDecimalPoints(text)}\n)\n`, (parse) => {
        const parts =
          onlyExpression(parse().rootNode)?.children.filter((child) => child.type !== "comment") ?? [];
        const [open, inner, close] = parts;
        if (parts.length !== 3 || open?.type !== "(" || inner === undefined || close?.type !== ")")
          throw invalid("expression", position, text);
        return readExpression(inner, {
          file: position.file,
          bracketed: true,
          at: position,
          read: readExpression,
        });
      }),
    source: (source, position, plain) => {
      if (source.syntax === "native") return parser.expression(source.text, position);
      return jsonExpression(source.node, plain === "plain" ? plainText : template);
    },
  };
  const template = (text: string, position: SourcePosition): Expression =>
    /[$%]\{/.test(text) ? readText(parseHcl, text, position) : plainText(text, position);
  return parser;
}

/** A text that is a template, without quotes around it. */
function readText(parseHcl: ReadHcl, text: string, position: SourcePosition): Expression {
  const marker = unusedMarker(text);
  return parseHcl(`value = <<${marker}\n${text}\n${marker}\n`, (parse) => {
    const heredoc = onlyExpression(parse().rootNode)?.descendantsOfType("heredoc_template")[0];
    if (heredoc === undefined) throw invalid("template", position, text);
    const reading = { file: position.file, bracketed: true, at: position, read: readExpression };
    return readBareTemplate(heredoc, templateReading(heredoc, reading));
  });
}

/** The value of the one attribute that the text must have become. */
function onlyExpression(root: Node): Node | undefined {
  const items = root.namedChildren[0]?.namedChildren.filter((child) => child.type !== "comment") ?? [];
  const [attribute] = items;
  if (root.hasError || items.length !== 1 || attribute?.type !== "attribute") return undefined;
  return attribute.namedChildren.find((child) => child.type === "expression");
}

/**
 * The grammar knows exponents only after a decimal point, so a number such as `1e3` gets one; where there may be strings,
 * which are not to be touched, the message says what to write.
 */
function withDecimalPoints(text: string): string {
  return /["<]/.test(text) ? text : text.replace(EXPONENT, "$1.0$2");
}

const EXPONENT = /(?<![\w.])(\d+)([eE][+-]?\d+)/g;

function invalid(what: string, position: SourcePosition, text: string): Error {
  const [number] = EXPONENT.exec(text) ?? [];
  EXPONENT.lastIndex = 0;
  const hint = number === undefined ? "" : ` Write ${number} as ${number.replace(EXPONENT, "$1.0$2")}.`;
  return syntaxFailure(`this is not a valid ${what}.${hint}`, position);
}

function unusedMarker(text: string): string {
  let marker = "END";
  while (text.includes(marker)) marker += "_";
  return marker;
}
