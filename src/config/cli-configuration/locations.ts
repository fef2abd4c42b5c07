import { readdir, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import type { Environment } from "../credentials.ts";

/** The machine as far as the places of files depend on it. */
export type Machine = { platform: NodeJS.Platform; arch: NodeJS.Architecture };

/** The files of the CLI's configuration, in the order in which they are read. `named`: a variable says where it is. */
export type Locations = { main: { file: string; named: string | undefined }; more: string[] };

/** The variables that name the one file to read, in the order in which they count. */
const OVERRIDES = ["TF_CLI_CONFIG_FILE", "TERRAFORM_CONFIG"];

/**
 * Where the CLI's configuration is (opentofu internal/command/cliconfig: cliconfig.go, config_unix.go,
 * config_windows.go). A relative path in a variable is relative to `folder`.
 */
export async function findLocations(
  environment: Environment,
  machine: Machine,
  folder: string,
): Promise<Locations> {
  const named = OVERRIDES.find((name) => environment[name]);
  if (named !== undefined)
    return { main: { file: resolve(folder, environment[named] ?? ""), named }, more: [] };
  const { mainFiles, directories } = places(environment, machine);
  const file = (await firstThere(mainFiles.slice(0, 2))) ?? mainFiles.at(-1) ?? "";
  const directory = (await firstThere(directories)) ?? "";
  return { main: { file, named: undefined }, more: await configurationsIn(directory) };
}

/** `mainFiles`: the new name, the old one, and the one where there is neither. */
function places(environment: Environment, { platform }: Machine) {
  if (platform === "win32") {
    const data = environment["APPDATA"] ?? "";
    const mainFiles = [join(data, "tofu.rc"), join(data, "terraform.rc")];
    return { mainFiles, directories: [join(data, "terraform.d")] };
  }
  const home = homeOf(environment);
  const shared = environment["XDG_CONFIG_HOME"];
  const mainFiles = [join(home, ".tofurc"), join(home, ".terraformrc")];
  const directories = [join(home, ".terraform.d")];
  if (!shared) return { mainFiles, directories };
  return {
    mainFiles: [...mainFiles, join(shared, "opentofu", "tofurc")],
    directories: [...directories, join(shared, "opentofu")],
  };
}

/**
 * The folders in which the CLI looks for plugins, and so for a credentials helper (opentofu cmd/tofu/plugins.go), the one
 * that counts more first.
 */
export function pluginFolders(environment: Environment, { platform, arch }: Machine): string[] {
  const system = { win32: "windows" }[platform as string] ?? platform;
  const processor = { x64: "amd64", ia32: "386" }[arch as string] ?? arch;
  const shared = platform === "win32" ? undefined : environment["XDG_DATA_HOME"];
  const own =
    platform === "win32"
      ? join(environment["APPDATA"] ?? "", "terraform.d")
      : join(homeOf(environment), ".terraform.d");
  return [own, ...(shared ? [join(shared, "opentofu")] : [])]
    .map((folder) => join(folder, "plugins"))
    .flatMap((folder) => [folder, join(folder, `${system}_${processor}`)]);
}

function homeOf(environment: Environment): string {
  return environment["HOME"] || userInfo().homedir;
}

async function firstThere(paths: string[]): Promise<string | undefined> {
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined) return path;
  }
  return undefined;
}

async function configurationsIn(directory: string): Promise<string[]> {
  if (directory === "") return [];
  const names = await readdir(directory).catch(() => []);
  const wanted = names.filter((name) => name.endsWith(".tfrc") || name.endsWith(".tfrc.json"));
  return wanted
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map((name) => join(directory, name));
}
