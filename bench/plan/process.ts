import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What one process took. `cpuMs` (user and system) and `rssMib` are NaN where there is no GNU time to tell. */
export type Taken = { wallMs: number; cpuMs: number; rssMib: number; output: string };

/** What a process prints, as it comes. */
export type OnOutput = (text: string) => void;

/** UTF-16 units of output that are kept, from its end. */
const KEPT = 2 ** 20;
const GNU_TIME = "/usr/bin/time";
const reports = mkdtempSync(join(tmpdir(), "bench-time-"));
let made = 0;

/** Runs a command to its end under GNU time. Throws with its output when it fails. */
export async function measure(
  command: [string, ...string[]],
  { cwd, env, onOutput }: { cwd: string; env: Record<string, string>; onOutput?: OnOutput | undefined },
): Promise<Taken> {
  made += 1;
  const report = join(reports, String(made));
  const [file, ...args] = existsSync(GNU_TIME)
    ? [GNU_TIME, "--quiet", "-f", "%U %S %M", "-o", report, ...command]
    : command;
  const started = performance.now();
  const child = spawn(file, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.length > 2 * KEPT) output = output.slice(-KEPT);
      onOutput?.(text);
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const wallMs = performance.now() - started;
  if (code !== 0)
    throw new Error(
      `${command.join(" ")} ended with ${code}\n${output.replaceAll(/^::add-mask::.*\n/gm, "")}`,
    );
  const [user = Number.NaN, system = Number.NaN, kib = Number.NaN] =
    file === GNU_TIME ? readFileSync(report, "utf8").trim().split(" ").map(Number) : [];
  return { wallMs, cpuMs: (user + system) * 1000, rssMib: kib / 1024, output };
}
