/** The look of a pull request's page, light or dark as the reader's system is. */
export const style = `
:root {
  --page: #ffffff; --text: #1f2328; --muted: #59636e; --line: #d1d9e0; --head: #f6f8fa; --code: #818b981f;
  --pre: #f6f8fa; --link: #0969da; --add-bg: #dafbe1; --add: #116329; --del-bg: #ffebe9; --del: #82071e;
  --chg: #953800; --chg-bg: #ffd8b5; --note: #59636e; --open: #1a7f37;
  --caution: #cf222e; --warning: #9a6700; --info: #0969da; --tip: #1a7f37; --important: #8250df;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0d1117; --text: #f0f6fc; --muted: #9198a1; --line: #3d444d; --head: #151b23; --code: #656c7633;
    --pre: #151b23; --link: #4493f8; --add-bg: #033a16; --add: #aff5b4; --del-bg: #67060c; --del: #ffdcd7;
    --chg: #ffdfb6; --chg-bg: #5a1e02; --note: #9198a1; --open: #238636;
    --caution: #f85149; --warning: #d29922; --info: #4493f8; --tip: #3fb950; --important: #ab7df8;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 14px/1.5 -apple-system, BlinkMacSystemFont, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif,
    "Apple Color Emoji", "Segoe UI Emoji", "Noto Color Emoji";
}
main { max-width: 960px; margin: 0 auto; padding: 24px 16px 48px; }
h1 { font-size: 26px; font-weight: 400; line-height: 1.25; margin: 0 0 8px; }
h1 span { color: var(--muted); font-weight: 300; }
.state {
  display: inline-block; background: var(--open); color: #fff; border-radius: 2em; padding: 4px 12px; font-weight: 500;
}
.about { color: var(--muted); padding-bottom: 16px; border-bottom: 1px solid var(--line); margin-bottom: 24px; }
.about code { color: var(--link); }
.comment { display: flex; gap: 16px; }
.avatar {
  flex: none; width: 40px; height: 40px; border-radius: 8px; background: #24292f; color: #fff; display: grid;
  place-items: center; box-shadow: 0 0 0 1px var(--line);
}
.box { flex: 1; min-width: 0; border: 1px solid var(--line); border-radius: 6px; }
.box > header {
  background: var(--head); border-bottom: 1px solid var(--line); border-radius: 6px 6px 0 0; padding: 8px 16px;
  color: var(--muted);
}
.box > header b { color: var(--text); font-weight: 600; }
.label { border: 1px solid var(--line); border-radius: 2em; padding: 0 7px; font-size: 12px; font-weight: 500; }
.body { padding: 16px; overflow-wrap: break-word; }
.body > :first-child { margin-top: 0; }
.body > :last-child { margin-bottom: 0; }
.body h2, .body h3, .body h4 { line-height: 1.25; font-weight: 600; margin: 24px 0 16px; }
.body h2 { font-size: 1.5em; border-bottom: 1px solid var(--line); padding-bottom: .3em; }
.body h3 { font-size: 1.25em; }
.body p, .body ul, .body ol, .body pre, .body table, .body details, .body .alert { margin: 0 0 16px; }
.body ul, .body ol { padding-left: 2em; }
.body li + li { margin-top: .25em; }
.body a { color: var(--link); text-decoration: none; }
.body a:hover { text-decoration: underline; }
.body sub { font-size: 12px; color: var(--text); vertical-align: baseline; }
.body summary { cursor: pointer; }
.body details[open] > summary { margin-bottom: 16px; }
code, pre { font-family: ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
.body code { font-size: 85%; background: var(--code); border-radius: 6px; padding: .2em .4em; white-space: break-spaces; }
.body pre { background: var(--pre); border-radius: 6px; padding: 16px; overflow: auto; line-height: 1.45; }
.body pre code { background: none; padding: 0; white-space: pre; }
.body pre span { display: inline-block; }
.add { color: var(--add); background: var(--add-bg); }
.del { color: var(--del); background: var(--del-bg); }
.chg { color: var(--chg); background: var(--chg-bg); }
.note { color: var(--note); }
table { border-collapse: collapse; display: block; overflow: auto; }
th, td { border: 1px solid var(--line); padding: 6px 13px; }
.alert { padding: 8px 16px; border-left: .25em solid var(--kind); }
.alert .title { color: var(--kind); font-weight: 500; display: flex; gap: 8px; align-items: center; }
.alert > :last-child { margin-bottom: 0; }
.alert.caution { --kind: var(--caution); } .alert.warning { --kind: var(--warning); }
.alert.note { --kind: var(--info); background: none; color: inherit; } .alert.tip { --kind: var(--tip); }
.alert.important { --kind: var(--important); }
`;
