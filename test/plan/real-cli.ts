import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** What the real CLI says about one configuration: the JSON of the plan and the text of it. */
export type Recording = { json: string; text: string; log: string };

/** Arguments of commands between the first apply and the plan, and of the plan, by case. */
export const steps: Record<string, { prepare?: string[][]; plan?: string[] }> = {
  replacements: {
    prepare: [["taint", "terraform_data.tainted"]],
    plan: ["-replace=terraform_data.requested"],
  },
};

/** `tofu` or `terraform`, the first on PATH. */
export function findCli(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const names = ["tofu", "terraform"].flatMap((name) => folders.map((folder) => join(folder, name)));
  return names.find((path) => existsSync(path));
}

/** Applies `before.tf` of a case, then plans `after.tf`, in a directory of its own. */
export function record(cli: string, folder: string, name: string): Recording {
  const work = mkdtempSync(join(tmpdir(), "plan-"));
  writeFileSync(join(work, "cli.tfrc"), "");
  const environment = {
    ...process.env,
    TF_CLI_CONFIG_FILE: join(work, "cli.tfrc"),
    TF_IN_AUTOMATION: "1",
    CHECKPOINT_DISABLE: "1",
  };
  const run = (...args: string[]) =>
    execFileSync(cli, args, {
      cwd: work,
      env: environment,
      encoding: "utf8",
      maxBuffer: 1 << 28,
      stdio: "pipe",
    });
  try {
    copyFileSync(join(folder, name, "before.tf"), join(work, "main.tf"));
    run("init", "-no-color");
    run("apply", "-auto-approve", "-no-color");
    for (const args of steps[name]?.prepare ?? []) run(...args);
    copyFileSync(join(folder, name, "after.tf"), join(work, "main.tf"));
    const log = run("plan", "-json", "-out=plan", ...(steps[name]?.plan ?? []));
    return { log, json: run("show", "-json", "plan"), text: run("show", "-no-color", "plan") };
  } finally {
    rmSync(work, { recursive: true });
  }
}
