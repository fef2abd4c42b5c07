const NEVER: { label: string; expression: RegExp }[] = [
  { label: ".git/", expression: /(^|\/)\.git\//i },
  {
    label: ".terraform/**/terraform.tfstate",
    expression: /(^|\/)\.terraform\/(.*\/)?terraform\.tfstate[^/]*$/is,
  },
  { label: "gha-creds-*.json", expression: /(^|\/)gha-creds-[^/]*\.json$/i },
  { label: ".terraformrc", expression: /(^|\/)\.terraformrc$/i },
  { label: ".tofurc", expression: /(^|\/)\.tofurc$/i },
  { label: "credentials.tfrc.json", expression: /(^|\/)credentials\.tfrc\.json$/i },
];

/**
 * The names of files that hold credentials of the checkout, of cloud logins and of the CLI, and that therefore are never
 * uploaded, whatever any rule says. A file (not directory) named `.git` only points to a repository and is let through,
 * as the CLI does.
 * @param path with `/`; directories end in `/`
 * @returns the entry of the list that the path is on
 */
export function neverUploaded(path: string): string | undefined {
  return NEVER.find(({ expression }) => expression.test(path))?.label;
}

/** The kind of a file that is likely to hold secrets but that a configuration may need: uploaded with a warning. */
export function likelySecret(path: string): ".env*" | "*.tfstate*" | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (name.startsWith(".env")) return ".env*";
  return name.includes(".tfstate") ? "*.tfstate*" : undefined;
}
