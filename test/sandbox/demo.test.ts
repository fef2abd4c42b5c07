import { describe, expect, test } from "vitest";
import { liveLog } from "../../scripts/demo/live-log.ts";
import { renderMarkdown } from "../../scripts/demo/markdown.ts";
import { commentPage } from "../../scripts/demo/page.ts";

describe("Markdown as GitHub shows it", () => {
  test.each([
    [
      "a diff",
      "```diff\n+ new\n- <old>\n```",
      '<span class="add">+ new</span>\n<span class="del">- &lt;old&gt;</span>',
    ],
    ["a notice", "> [!CAUTION]\n> **gone**\n>\n> - x", '<div class="alert caution">'],
    ["a fold", "<details><summary>Show</summary>\n\ntext\n\n</details>", "<details><summary>Show</summary>"],
    ["a small line", "<sub>small</sub>", "<p><sub>small</sub></p>"],
    ["a table", "| a | b |\n|---|---|\n| `1` | 2 |", "<td><code>1</code></td>"],
    ["other tags", "<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"],
  ])("%s", (_, markdown, html) => {
    expect(renderMarkdown(markdown)).toContain(html);
  });

  test("comments vanish, scripted links do too", () => {
    const html = renderMarkdown("<!-- marker -->\n\n[x](javascript:alert(1))");
    expect(html).not.toContain("marker");
    expect(html).not.toContain("javascript:");
  });

  test("a page needs nothing from elsewhere", () => {
    const page = commentPage({ title: "<b>", number: 1 }, "text");
    expect(page).not.toMatch(/(?:src|href)="/u);
    expect(page).toContain("&lt;b&gt;");
  });
});

describe("the live log", () => {
  test("shows a job's lines as its page does, wherever the stream is cut", () => {
    const stdout =
      "::group::Plan\r\nline \u001b[31mred\u001b[0m\n::endgroup::\n::add-mask::s3cret\n::error::it is s3cret%0Aend\n";
    for (let cut = 0; cut <= stdout.length; cut += 1) {
      const printed: string[] = [];
      const log = liveLog((line) => printed.push(line), false);
      log.write(stdout.slice(0, cut));
      log.write(stdout.slice(cut));
      expect(printed).toEqual(["▼ Plan", "  line red", "Error: it is ***\nend"]);
      expect(log.text()).toBe("▼ Plan\n  line red\nError: it is ***\nend\n");
    }
  });
});
