import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Git } from "./program.ts";

/** What actions/checkout has left: a repository, which may be shallow, and how to reach its remote. */
export type Checkout = {
  /** The directory of its files, absolute. */
  top: string;
  /** Its folder of objects, and the file that lists where its history is cut, absolute. */
  objects: string;
  shallow: string;
  /** Objects may be left out that git would fetch when it meets them. */
  partial: boolean;
  /** `undefined`: none, or of a kind that is not used. */
  remote: string | undefined;
  /** Settings that reaching the remote and writing files takes; they may be secrets. */
  settings: [key: string, value: string][];
};

export type CheckoutPlace = {
  /** Absolute; the checkout is searched from there upwards, to `workspaceRoot`. */
  directory: string;
  workspaceRoot: string;
  /** The job's own home, whose git settings tell how hosts are reached. */
  home: string | undefined;
};

/** How hosts are reached (the credentials of actions/checkout are `http.<url>.extraheader`), and how ends of lines are written. */
const TAKEN = /^(http\.|url\..*\.(push)?insteadof$|core\.(sshcommand|autocrlf|eol)$)/;
/** Credentials go to nobody whose certificate is not checked. */
const UNCHECKED = /^http\..*sslverify$/;
const PARTIAL = /^(remote\..*\.(promisor|partialclonefilter)|extensions\.partialclone)$/;
const REMOTE = /^(https:\/\/|ssh:\/\/|file:\/\/|\/|[A-Za-z]:[\\/]|[\w.-]+@[\w.-]+:)/;

/** Reads the repository that the job has checked out; `undefined` where there is none. Nothing of it is run. */
export async function readCheckout(git: Git, place: CheckoutPlace): Promise<Checkout | undefined> {
  const top = findTop(place);
  if (top === undefined) return undefined;
  const directory = `--git-dir=${join(top, ".git")}`;
  const paths = ["rev-parse", "--path-format=absolute", "--git-path", "objects", "--git-path", "shallow"];
  const found = await git({ arguments: [directory, ...paths] });
  const [objects, shallow] = found.stdout.split("\n");
  // The settings of machine and user count as well: they are the job's, not the repository's.
  const variables = { HOME: place.home, GIT_CONFIG_NOSYSTEM: undefined, GIT_CONFIG_GLOBAL: undefined };
  const listed = await git({ arguments: [directory, "config", "--list", "-z"], variables });
  if (found.code !== 0 || listed.code !== 0 || objects === undefined || shallow === undefined)
    return undefined;
  const settings = settingsOf(listed.stdout);
  const partial = settings.some(([key]) => PARTIAL.test(key));
  return { ...{ top, objects, shallow, partial }, ...accessOf(settings) };
}

/** A password in the remote's address would be an argument, which others may read: it becomes a header, as others' are. */
function accessOf(all: Checkout["settings"]): Pick<Checkout, "remote" | "settings"> {
  const settings = all.filter(([key]) => TAKEN.test(key) && !UNCHECKED.test(key));
  const given = all.findLast(([key]) => key === "remote.origin.url")?.[1];
  if (given === undefined || !REMOTE.test(given)) return { remote: undefined, settings };
  const [, user, address] = /^https:\/\/([^/@]*)@(.*)$/.exec(given) ?? [];
  if (user === undefined) return { remote: given, settings };
  const remote = `https://${address}`;
  const hasHeader = settings.some(([key]) => key.endsWith(".extraheader"));
  if (hasHeader || !user.includes(":")) return { remote, settings };
  const basic = Buffer.from(decoded(user)).toString("base64");
  return { remote, settings: [...settings, [`http.${remote}.extraheader`, `AUTHORIZATION: basic ${basic}`]] };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function findTop({ directory, workspaceRoot }: CheckoutPlace): string | undefined {
  for (let at = directory; ; at = dirname(at)) {
    if (existsSync(join(at, ".git"))) return at;
    if (relative(workspaceRoot, at) === "" || dirname(at) === at) return undefined;
  }
}

/** `key LF value NUL` of each; one without a value has no LF. */
function settingsOf(list: string): [string, string][] {
  return list.split("\0").flatMap((item): [string, string][] => {
    const end = item.indexOf("\n");
    return end < 0 ? [] : [[item.slice(0, end), item.slice(end + 1)]];
  });
}
