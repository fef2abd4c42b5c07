import { HtmlRenderer, type Node, Parser } from "commonmark";

/** The methods of the renderer that its declarations leave out: how a node is written, and where to. */
type Overridable = HtmlRenderer &
  Partial<Record<"code_block" | "html_block" | "html_inline", (node: Node) => void>> & {
    lit?: (html: string) => void;
  };

/** Markdown as GitHub shows it, as far as the action's reports use it. Tags other than their own stay text. */
export function renderMarkdown(markdown: string): string {
  const renderer: Overridable = new HtmlRenderer({ safe: true });
  const emit = (html: string): void => renderer.lit?.(html);
  renderer.code_block = (node: Node) => emit(codeBlock(node.info ?? "", node.literal ?? ""));
  renderer.html_block = (node: Node) => emit(`${ownTags(node.literal ?? "")}\n`);
  renderer.html_inline = (node: Node) => emit(ownTags(node.literal ?? ""));
  return withTables(withAlerts(renderer.render(new Parser().parse(markdown))));
}

/** Text made harmless for HTML. */
export const escapeHtml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

function ownTags(html: string): string {
  return escapeHtml(html.replaceAll(/<!--.*?-->/gsu, "")).replaceAll(
    /&lt;(\/?(?:details|summary|sub|sup|br)(?: open)?)&gt;/gu,
    "<$1>",
  );
}

function codeBlock(info: string, text: string): string {
  const lines = text.replace(/\n$/u, "").split("\n");
  const shown = info === "diff" ? lines.map(diffLine) : lines.map(escapeHtml);
  return `<pre><code>${shown.join("\n")}</code></pre>\n`;
}

const diffClasses: Record<string, string> = { "+": "add", "-": "del", "!": "chg", "#": "note", "@": "note" };

function diffLine(line: string): string {
  const name = diffClasses[line.charAt(0)];
  return name === undefined ? escapeHtml(line) : `<span class="${name}">${escapeHtml(line)}</span>`;
}

// an octagon with an exclamation mark
const sign =
  '<svg width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.5" aria-hidden="true">' +
  '<path d="M5 1.5h6L14.5 5v6L11 14.5H5L1.5 11V5Z"/><path d="M8 4.5v4.200M8 10.800v.6"/></svg>';

/** `> [!CAUTION]` and its kin: a blockquote whose first line says what kind of notice it is. */
function withAlerts(html: string): string {
  return html.replaceAll(
    /<blockquote>\n<p>\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\n?(.*?)<\/blockquote>/gsu,
    (_, kind: string, rest: string) => {
      const title = `${kind.charAt(0)}${kind.slice(1).toLowerCase()}`;
      return `<div class="alert ${kind.toLowerCase()}"><p class="title">${sign}${title}</p>\n<p>${rest}</div>`;
    },
  );
}

/** GitHub's tables: a paragraph whose second line is a row of dashes. Cells are already inline HTML. */
function withTables(html: string): string {
  return html.replaceAll(/<p>(\|[^\n]*)\n\|[-:| ]+\|\n(.*?)<\/p>/gsu, (_, head: string, body: string) => {
    const row = (line: string, tag: string): string =>
      `<tr>${line
        .replace(/^\||\|$/gu, "")
        .split("|")
        .map((cell) => `<${tag}>${cell.trim()}</${tag}>`)
        .join("")}</tr>`;
    const rows = body.split("\n").filter((line) => line.trim() !== "");
    return `<table><thead>${row(head, "th")}</thead><tbody>${rows.map((line) => row(line, "td")).join("")}</tbody></table>`;
  });
}
