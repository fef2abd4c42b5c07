import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { Failure } from "../../src/failure.ts";

export type Files = Readonly<Record<string, string | Uint8Array>>;

/** A job's workspace in a temporary folder with these files in `infra/`; removed when the test is over. */
export async function moduleWith(files: Files): Promise<{ workspaceRoot: string; directory: string }> {
  const workspaceRoot = await mkdtemp(join(tmpdir(), "config-"));
  onTestFinished(() => rm(workspaceRoot, { recursive: true, force: true }));
  const directory = join(workspaceRoot, "infra");
  await mkdir(directory);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), content);
  }
  return { workspaceRoot, directory };
}

/** The Failure that a call ends in. */
export async function failureOf(call: () => unknown): Promise<Failure> {
  try {
    await call();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error("expected a Failure, but the call succeeded");
}
