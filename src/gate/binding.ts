/** What ties a run to a pull request: the commit that was planned for it, and the digest D of its archive. */
export type Binding = { repository: string; pullRequest: number; headSha: string; digest: string };

/** A binding as it was read from a message; of the digest there are its first digits only. */
export type ReadBinding = Omit<Binding, "digest"> & { digestStart: string };

/** Longest binding in characters; the longest name of a repository, 140, leaves room for 7 digits of the digest. */
const MOST_CHARACTERS = 200;
const DIGEST_DIGITS = 16;
const SEPARATOR = " · ";
/** Names as GitHub gives them: `owner/name#12@` and 40 digits, `+` and the digest. */
const BINDING =
  /(?:^| · )([A-Za-z0-9][A-Za-z0-9_-]{0,38}\/[A-Za-z0-9._-]{1,100})#([1-9]\d{0,9})@([0-9a-f]{40})\+([0-9a-f]{7,16})$/;

/**
 * The text that binds a run to its pull request: `acme/infra#12@<40 digits of the head commit>+<16 digits of D>`. It has
 * to stand at the very end of the run's message, whoever wrote the rest (`withBinding`).
 */
export function bindingText({ repository, pullRequest, headSha, digest }: Binding): string {
  const start = `${repository}#${pullRequest}@${headSha}+`;
  return start + digest.slice(0, Math.min(DIGEST_DIGITS, MOST_CHARACTERS - start.length));
}

/** A message with the binding as its end; the one line that it becomes ends as `bindingOf` reads it. */
export function withBinding(message: string, binding: Binding): string {
  const line = message.replaceAll(/[\s\p{Cc}]+/gu, " ").trim();
  return [...(line === "" ? [] : [line]), bindingText(binding)].join(SEPARATOR);
}

/**
 * Reads the binding at the end of a run's message. A title or a commit's subject may hold the same text, but never as the
 * end, as everything foreign goes before. `undefined`: the message was not made by `withBinding`, or was lost.
 */
export function bindingOf(message: string): ReadBinding | undefined {
  const found = BINDING.exec(message);
  if (found === null) return undefined;
  const [, repository = "", number, headSha = "", digestStart = ""] = found;
  return { repository, pullRequest: Number(number), headSha, digestStart };
}
