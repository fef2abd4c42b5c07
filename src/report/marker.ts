import { createHash } from "node:crypto";
import { posix } from "node:path";

/** What tells one comment of a pull request from another. */
export type CommentKey = {
  hostname: string;
  organization: string;
  workspace: string;
  /** Root module, relative to the job's workspace. */
  directory: string;
  label: string;
};

/**
 * The hidden first line of a comment, by which the next run of the same server, organization, workspace, directory and
 * label finds it again. A digest, so that no name can end the HTML comment early or be read as anything else.
 */
export function commentMarker(key: CommentKey): string {
  const directory = posix.normalize(key.directory === "" ? "." : key.directory).replace(/(.)\/$/, "$1");
  const parts = [key.hostname.toLowerCase(), key.organization, key.workspace, directory, key.label];
  const digest = createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
  return `<!-- tofu-remote:v1:${digest} -->`;
}
