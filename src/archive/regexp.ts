/**
 * Rewrites a pattern as the regular expression that go-slug makes of it (internal/ignorefiles/terraformignore.go):
 * whatever is not a wildcard, `.`, `$` or a backslash keeps the meaning it has in a regular expression of Go.
 */
export function toRegularExpression(pattern: string): string {
  const body = pattern.replace(/\*\*\/?|\*|\?|[.$]|\\./gsu, (found, offset: number) => {
    if (found.startsWith("**")) return offset + found.length === pattern.length ? ".*" : "(.*/)?";
    if (found === "*") return "[^/]*";
    if (found === "?") return "[^/]";
    return found === "." || found === "$" ? `\\${found}` : found;
  });
  return `^${body}$`;
}

/**
 * Compiles a regular expression in Go's syntax to a test that takes time linear in the text. The engine is loaded here
 * because few ignore files need it.
 * @throws {Error} the engine's, when the expression is not valid
 */
export async function compileRegularExpression(expression: string): Promise<(text: string) => boolean> {
  const { RE2JS } = await import("re2js");
  const compiled = RE2JS.compile(expression);
  return (text) => compiled.test(text);
}
