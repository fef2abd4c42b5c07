import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import { findBinary } from "../../src/cli/binary.ts";

const suffix = process.platform === "win32" ? ".exe" : "";

/** Folders with executables that print a text; returns their PATH. */
function pathWith(folders: Record<string, string>[]): string {
  const root = mkdtempSync(join(tmpdir(), "path-"));
  const paths = folders.map((files, index) => {
    const folder = join(root, `with space ${index}`);
    mkdirSync(folder);
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(folder, name), `#!/bin/sh\ncat <<'EOF'\n${text}\nEOF\n`);
      chmodSync(join(folder, name), 0o755);
    }
    return folder;
  });
  // for sh's cat
  return ["", "relative", ...paths, "/usr/bin", "/bin"].join(delimiter);
}

const json = (version: string) => `{\n  "terraform_version": "${version}",\n  "platform": "linux_amd64"\n}`;
const find = (path: string) =>
  findBinary("The command", {
    directory: tmpdir(),
    environment: { PATH: path },
    signal: new AbortController().signal,
  });

describe.skipIf(process.platform === "win32")("which binary", () => {
  test.each([
    [
      "tofu before terraform, wherever it stands",
      [{ terraform: json("1.11.4") }, { tofu: json("1.12.6") }],
      "tofu",
      "1.12.6",
    ],
    ["terraform alone", [{ terraform: json("1.11.4") }], "terraform", "1.11.4"],
    ["the first of several", [{ tofu: json("1.10.0") }, { tofu: json("1.12.6") }], "tofu", "1.10.0"],
    [
      "the binary behind the wrapper of the setup action",
      [{ tofu: "[command]/opt/tofu-bin version -json", "tofu-bin": json("1.12.6") }],
      "tofu",
      "1.12.6",
    ],
    [
      "its version behind warnings",
      [{ tofu: `\nWarning: Unable to open\n\n${json("1.9.0-rc1")}` }],
      "tofu",
      "1.9.0-rc1",
    ],
  ] as const)("%s", async (_name, folders, product, version) => {
    const found = await find(pathWith([...folders]));
    expect(found).toMatchObject({ product, version });
  });

  test("a file that cannot be executed is none", async () => {
    const folder = mkdtempSync(join(tmpdir(), "path-"));
    writeFileSync(join(folder, `tofu${suffix}`), "no");
    mkdirSync(join(folder, "terraform"));
    await expect(find(folder)).rejects.toMatchObject({
      reason: "no-binary",
      message: expect.stringMatching(
        /^The command needs [\s\S]*opentofu\/setup-opentofu@v1[\s\S]*hashicorp\/setup-terraform@v3/,
      ),
    });
  });

  test("what does not tell its version is no such binary", async () => {
    await expect(find(pathWith([{ tofu: "Hello" }]))).rejects.toMatchObject({
      reason: "no-binary",
      message: expect.stringContaining("Hello"),
    });
  });
});
