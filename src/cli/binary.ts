import { access, constants, stat } from "node:fs/promises";
import { delimiter, dirname, isAbsolute, join } from "node:path";
import { Failure } from "../failure.ts";
import { runProgram } from "./exec.ts";

/** A tofu or terraform binary; `file` is absolute. */
export type Binary = { product: "tofu" | "terraform"; file: string; version: string };

type Environment = Readonly<Record<string, string | undefined>>;

const SETUP = `Add a step before this one that installs it:
  - uses: opentofu/setup-opentofu@v1
or, for Terraform:
  - uses: hashicorp/setup-terraform@v3`;

/**
 * The binary to run: `tofu`, else `terraform`, on PATH, and its version as it tells it. `what` says in a few words what needs
 * it. Throws Failure (`no-binary`) that names the setup actions.
 */
export async function findBinary(
  what: string,
  { directory, environment, signal }: { directory: string; environment: Environment; signal: AbortSignal },
): Promise<Binary> {
  for (const product of ["tofu", "terraform"] as const) {
    const file = await findOnPath(product, environment);
    if (file === undefined) continue;
    const told = await readVersion(file, { directory, environment, signal });
    if (told.version !== undefined) return { product, file, version: told.version };
    const instead = told.output === "" ? "it prints nothing" : `it prints ${JSON.stringify(told.output)}`;
    throw new Failure(
      "no-binary",
      `${file} does not tell its version as a ${product} binary does: ${instead}. Remove it from PATH, or install a working one.`,
    );
  }
  throw new Failure(
    "no-binary",
    `${what} needs the tofu or terraform binary, and there is none on PATH. ${SETUP}`,
  );
}

/**
 * The setup actions put a wrapper before the binary, which writes outputs of its own for the step that calls it; the binary
 * stands beside it (setup-opentofu and setup-terraform, `tofu-bin` and `terraform-bin`).
 */
async function findOnPath(name: string, environment: Environment): Promise<string | undefined> {
  const suffix = process.platform === "win32" ? ".exe" : "";
  // On Windows the variable may be spelt otherwise, and only process.env itself would not mind.
  const path = Object.entries(environment).find(([key]) => key.toUpperCase() === "PATH")?.[1] ?? "";
  for (const folder of path.split(delimiter).filter(isAbsolute)) {
    for (const file of [`${name}-bin${suffix}`, `${name}${suffix}`].map((base) => join(folder, base))) {
      if (!(await isExecutable(file))) continue;
      // A file of that name alone proves nothing: the wrapper has to be there, too.
      if (!file.endsWith(`-bin${suffix}`) || (await isFile(join(dirname(file), name)))) return file;
    }
  }
  return undefined;
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return await isFile(file);
  } catch {
    return false;
  }
}

async function readVersion(
  file: string,
  place: { directory: string; environment: Environment; signal: AbortSignal },
): Promise<{ version: string | undefined; output: string }> {
  let output = "";
  const onStdout = (bytes: Uint8Array) => {
    output += Buffer.from(bytes).toString("utf8");
  };
  // Terraform would ask whether there is a newer one.
  const environment = { ...place.environment, CHECKPOINT_DISABLE: "1" };
  await runProgram({ ...place, file, arguments: ["version", "-json"], environment, onStdout });
  // Warnings about its own configuration may stand before the JSON.
  const [, version] = /"terraform_version":\s*"([^"]+)"/.exec(output) ?? [];
  return { version, output: output.trim().slice(0, 200) };
}
