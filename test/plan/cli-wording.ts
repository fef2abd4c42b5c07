/** The text of `terraform show PLANFILE`, without what this project does not print, in the words of OpenTofu. */
export function cliLines(text: string): string[] {
  const lines = text.split("\n");
  const start = lines.findIndex((line) =>
    /^(?:Terraform|OpenTofu) will perform the following actions:/.test(line),
  );
  const isHint = (line: string) =>
    /^You can apply this plan to save|^Warning: |has compared your real/.test(line);
  const end = lines.findIndex(isHint);
  return trim(lines.slice(start + 1, end < 0 ? undefined : end))
    .filter((line) => !line.includes("(destroy = false is set in the configuration)"))
    .map((line) =>
      line.replace(/^ (#.*|\. resource.*)$/, "  $1").replace("managed by Terraform", "managed by OpenTofu"),
    );
}

/**
 * Our lines without the three things that we say and Terraform does not: that a dynamic attribute forces the
 * replacement, the id of an import that changes nothing, and the number of forgotten objects.
 */
export function ownLines(lines: string[]): string[] {
  return lines
    .filter((line) => !line.startsWith("  # (imported from "))
    .map((line) =>
      line
        .replace(/^(.* triggers_replace +=.*) # forces replacement$/, (whole, start: string) =>
          start.endsWith("(known after apply)") || start.endsWith("(sensitive value)") ? whole : start,
        )
        .replace(/, \d+ to forget\.$/, "."),
    );
}

function trim(lines: string[]): string[] {
  const isText = (line: string) => line !== "";
  return lines.slice(lines.findIndex(isText), lines.findLastIndex(isText) + 1);
}
