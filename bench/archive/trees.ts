import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const RESOURCES = [
  "aws_instance",
  "aws_subnet",
  "google_compute_network",
  "azurerm_resource_group",
  "terraform_data",
];
const WORDS = [
  "web",
  "api",
  "database",
  "network",
  "private",
  "public",
  "eu-central-1",
  "us-east-1",
  "module.vpc.id",
  "var.name",
];

/** Numbers that look random and are the same in every run. */
function createNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state;
  };
}

/** Text that reads like a configuration: compresses as one does. */
export function configurationText(bytes: number, seed: number): string {
  const number = createNumbers(seed);
  const pick = (list: string[]) => list[(number() >>> 8) % list.length] ?? "";
  const lines: string[] = [];
  for (let length = 0; length < bytes; ) {
    const name = `${pick(WORDS)}_${(number() >>> 8) % 1000}`;
    const text = `resource "${pick(RESOURCES)}" "${name}" {\n  name  = "${pick(WORDS)}-${number().toString(36)}"\n  value = ${pick(WORDS)}\n  tags  = { owner = "${pick(WORDS)}" }\n}\n`;
    lines.push(text);
    length += text.length;
  }
  return lines.join("").slice(0, bytes);
}

/** Makes `files` configuration files of `bytes` bytes each, 25 in a directory. */
export function makeSmallFiles(root: string, files: number, bytes: number): void {
  for (let index = 0; index < files; index += 1) {
    const folder = join(root, `area-${Math.floor(index / 500)}`, `module-${Math.floor(index / 25)}`);
    if (index % 25 === 0) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `file-${index}.tf`), configurationText(bytes, index));
  }
}

/** Makes eight files of `mebibytes` MiB together, every second one incompressible. */
export function makeLargeFiles(root: string, mebibytes: number): void {
  mkdirSync(root, { recursive: true });
  const size = Math.floor(mebibytes / 8);
  const text = Buffer.from(configurationText(1024 * 1024, 7));
  for (let index = 0; index < 8; index += 1) {
    const file = join(root, `file-${index}.bin`);
    writeFileSync(file, "");
    for (let part = 0; part < size; part += 1) {
      const bytes = index % 2 === 0 ? text : noise(1024 * 1024, index * 1000 + part + 1);
      writeFileSync(file, bytes, { flag: "a" });
    }
  }
}

function noise(bytes: number, seed: number): Buffer {
  const values = new Uint32Array(bytes / 4);
  let state = seed;
  for (let index = 0; index < values.length; index += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    values[index] = state;
  }
  return Buffer.from(values.buffer);
}
