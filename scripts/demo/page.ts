import { escapeHtml, renderMarkdown } from "./markdown.ts";
import { style } from "./style.ts";

type Page = { title: string; content: string };

function page({ title, content }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${content}
</main>
</body>
</html>
`;
}

// a cog: the workflow's own avatar
const avatar =
  '<svg width="24" height="24" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" aria-hidden="true">' +
  '<circle cx="12" cy="12" r="4"/><path d="M12 2v4M12 18v4M2 12h4M18 12h4M5 5l2.8 2.8M16.2 16.2 19 19M19 5l-2.8 2.8M7.8 16.2 5 19"/></svg>';

/** A page that shows a comment on a pull request as GitHub does. Needs no network. */
export function commentPage(pull: { title: string; number: number }, markdown: string): string {
  const content = `<h1>${escapeHtml(pull.title)} <span>#${pull.number}</span></h1>
<p class="about"><span class="state">Open</span> &nbsp;<b>mona</b> wants to merge 1 commit into <code>main</code> from <code>change</code></p>
<article class="comment">
<div class="avatar">${avatar}</div>
<div class="box">
<header><b>github-actions</b> <span class="label">bot</span> commented now</header>
<div class="body">
${renderMarkdown(markdown)}
</div>
</div>
</article>`;
  return page({ title: `${pull.title} · Pull request #${pull.number}`, content });
}

/** A page that shows a job summary as GitHub does. Needs no network. */
export function summaryPage(job: string, markdown: string): string {
  const content = `<div class="box">
<header><b>${escapeHtml(job)}</b> summary</header>
<div class="body">
${renderMarkdown(markdown)}
</div>
</div>`;
  return page({ title: `${job} summary`, content });
}
