import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * The files that git's index says are executable, for systems whose files have no such bit (Windows).
 * @param directory absolute; paths are relative to it, with `/`
 * @returns undefined when git cannot tell (no repository, no git)
 */
export async function executablesInIndex(directory: string): Promise<Set<string> | undefined> {
  try {
    const options = ["-c", "core.fsmonitor=false", "-c", "core.quotePath=false", "ls-files", "--stage", "-z"];
    const { stdout } = await run("git", options, {
      cwd: directory,
      maxBuffer: 256 * 1024 * 1024,
      encoding: "utf8",
    });
    const lines = stdout.split("\0").filter((line) => line.startsWith("100755 "));
    return new Set(lines.map((line) => line.slice(line.indexOf("\t") + 1)));
  } catch {
    return undefined;
  }
}
