import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { Failure } from "../../src/failure.ts";
import { hasPipes, list, pack, repository, temporaryFolder, unpack, verbose } from "./tree.ts";

const asRoot = process.getuid?.() === 0;

describe("entries", () => {
  test("tell nothing of the machine: owner 0 without names, no time, mode 0644 or 0755", async () => {
    const archive = await pack(
      repository({
        "a.tf": "a",
        "run.sh": { mode: 0o4775, content: "x" },
        "read-only.tf": { mode: 0o440, content: "r" },
        "group.sh": { mode: 0o615, content: "not the owner's" },
        "dir/b.tf": "b",
        link: { link: "dir/b.tf" },
      }),
    );
    expect(verbose(archive.file)).toEqual([
      "-rw-r--r-- 0/0               1 1970-01-01 00:00:00 a.tf",
      "drwxr-xr-x 0/0               0 1970-01-01 00:00:00 dir/",
      "-rw-r--r-- 0/0               1 1970-01-01 00:00:00 dir/b.tf",
      "-rw-r--r-- 0/0              15 1970-01-01 00:00:00 group.sh",
      "lrwxr-xr-x 0/0               0 1970-01-01 00:00:00 link -> dir/b.tf",
      "-rw-r--r-- 0/0               1 1970-01-01 00:00:00 read-only.tf",
      "-rwxr-xr-x 0/0               1 1970-01-01 00:00:00 run.sh",
    ]);
    expect(gunzipSync(readFileSync(archive.file)).toString("latin1")).not.toMatch(/root|wheel/);
  });

  test("are plain ustar where it suffices, pax where it does not", async () => {
    const simple = await pack(
      repository({ "a.tf": "a", "b/c.tf": "c", [`${"d".repeat(120)}/${"e".repeat(90)}`]: "x" }),
    );
    expect(
      gunzipSync(readFileSync(simple.file))
        .toString("latin1")
        .match(/PaxHeader/g),
    ).toHaveLength(1);
    const odd = {
      "é.tf": "1",
      "😀/x": "2",
      [`${"n".repeat(200)}/${"m".repeat(200)}`]: "3",
      l: { link: "t".repeat(150) },
    };
    const archive = await pack(repository(odd));
    expect(list(archive.file)).toEqual([
      `l -> ${"t".repeat(150)}`,
      `${"n".repeat(200)}/`,
      `${"n".repeat(200)}/${"m".repeat(200)}`,
      "é.tf",
      "😀/",
      "😀/x",
    ]);
    const folder = unpack(archive.file);
    expect(readFileSync(join(folder, "😀/x"), "utf8")).toBe("2");
    expect(readFileSync(join(folder, "n".repeat(200), "m".repeat(200)), "utf8")).toBe("3");
  });

  test("are sorted by bytes, a directory as if it ended with a slash", async () => {
    const paths = ["a/a", "a/a-", "a/b", "a.tf", "a0", "Z", "a/b0", "é", "z", "\uE000", "😀", "a-/x", "~"];
    const archive = await pack(repository(Object.fromEntries(paths.map((path) => [path, ""]))));
    const names = list(archive.file);
    expect(names).toEqual(names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    expect(names).toHaveLength(15);
  });

  test("are sorted, too, where a directory's own entry is left out", async () => {
    const contents = { ".terraformignore": "b\n", a: "", "b/x": "", c: "" };
    expect(list((await pack(repository(contents))).file)).toEqual([".terraformignore", "a", "b/x", "c"]);
  });

  test("of hard links are files of their own", async () => {
    const { root, repositoryRoot } = repository({ a: "same" });
    linkSync(join(root, "a"), join(root, "b"));
    const folder = unpack((await pack({ root, repositoryRoot })).file);
    expect(statSync(join(folder, "a")).nlink).toBe(1);
    expect(readFileSync(join(folder, "b"), "utf8")).toBe("same");
  });

  test.skipIf(!hasPipes)("of sockets and pipes do not exist, and the report says so", async () => {
    const { root, repositoryRoot } = repository({ "a.tf": "a" });
    execFileSync("mkfifo", [join(root, "pipe")]);
    const server = createServer().listen(join(root, "socket"));
    await new Promise((resolve) => server.once("listening", resolve));
    const archive = await pack({ root, repositoryRoot });
    server.close();
    expect(list(archive.file)).toEqual(["a.tf"]);
    expect(archive.excluded).toEqual([
      { rule: "sockets, pipes and devices", line: undefined, files: 2, directories: 0 },
    ]);
  });

  test("hold the content, of every size around the blocks of tar and gzip", async () => {
    const sizes = [0, 1, 511, 512, 513, 65535, 1048064, 1048576, 1048577, 3 * 1048576 + 5];
    const noise = createHash("shake256", { outputLength: 4 * 1048576 })
      .update("seed")
      .digest();
    const text = Buffer.from("resource {}\n".repeat(300000));
    const contents = sizes.flatMap((size) => [
      [`noise-${size}`, noise.subarray(0, size)] as const,
      [`text-${size}`, text.subarray(0, size)] as const,
    ]);
    const archive = await pack(repository(Object.fromEntries(contents)));
    const folder = unpack(archive.file);
    for (const [name, content] of contents)
      expect(readFileSync(join(folder, name)).equals(content)).toBe(true);
    const raw = gunzipSync(readFileSync(archive.file));
    expect(archive).toMatchObject({ files: 20, rawBytes: raw.length, bytes: statSync(archive.file).size });
    expect(archive.bytes).toBeLessThan(noise.length * 2.5);
    expect(raw.subarray(-1024).every((byte) => byte === 0)).toBe(true);
  });
});

test.each([
  ["a header", { a: 1_047_552, b: 1 }],
  ["padding", { a: 1_048_063, b: 1 }],
  ["one of the two last blocks", { a: 1_047_552 }],
  ["all but the end", { a: 1_048_064 }],
])("%s may fill a block of gzip to the last byte", async (_, sizes) => {
  const contents = Object.entries(sizes).map(([name, size]) => [name, "x".repeat(size)] as const);
  const folder = unpack((await pack(repository(Object.fromEntries(contents)))).file);
  for (const [name, content] of contents) expect(readFileSync(join(folder, name), "utf8")).toBe(content);
});

describe("the report's numbers", () => {
  test("the ten largest files, largest first", async () => {
    const files = Array.from(
      { length: 12 },
      (_, index) => [`f${index}`, "x".repeat((index * 5) % 12)] as const,
    );
    const { largest } = await pack(repository(Object.fromEntries(files)));
    expect(largest.map(({ bytes }) => bytes)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    expect(largest[0]).toEqual({ path: "f7", bytes: 11 });
  });

  test("of files as large as each other the first ten", async () => {
    const names = Array.from({ length: 12 }, (_, index) => `f${index + 10}`);
    const { largest } = await pack(repository(Object.fromEntries(names.map((name) => [name, "x"]))));
    expect(largest.map(({ path }) => path)).toEqual(names.slice(0, 10));
  });

  test("what was left out, by rule", async () => {
    const { excluded } = await pack({
      ...repository({
        ".terraformignore": "*.md\nbuild/\n!keep\nkeep/\n",
        "a.md": "",
        "b/c.md": "",
        "build/x": "",
        "build/y": "",
        "keep/x": "",
        ".git/config": "",
        ".terraform/x": "",
        "x.log": "",
      }),
      ignore: ["*.log"],
    });
    expect(excluded.toSorted((a, b) => a.rule.localeCompare(b.rule))).toEqual([
      { rule: ".git/ (never uploaded)", line: undefined, files: 0, directories: 1 },
      { rule: ".terraform/ (default)", line: undefined, files: 1, directories: 0 },
      { rule: "*.log (input ignore)", line: undefined, files: 1, directories: 0 },
      { rule: "*.md", line: 1, files: 2, directories: 0 },
      { rule: "build/", line: 2, files: 2, directories: 0 },
      { rule: "keep/", line: 4, files: 0, directories: 1 },
    ]);
  });

  test("a bare directory name that keeps the contents: how many, and what to write instead", async () => {
    const { surprises, files } = await pack(
      repository({
        ".terraformignore": "node_modules\n/*.d\nall\nall/\n",
        "node_modules/a/index.js": "12345",
        "node_modules/b.js": "123",
        "x.d/y": "1",
        "all/z": "1",
        node: "",
      }),
    );
    expect(files).toBe(5);
    expect(surprises).toEqual([
      'The rule "node_modules" (.terraformignore, line 1) leaves out directories of that name, but not what is in them: 2 files (8 bytes) are uploaded all the same, as the CLI does. To leave them out write "node_modules/".',
      'The rule "/*.d" (.terraformignore, line 2) leaves out directories of that name, but not what is in them: 1 file (1 byte) is uploaded all the same, as the CLI does. To leave them out write "/*.d/".',
    ]);
  });

  test("what a line of the input brings back from such a directory is none of them", async () => {
    const contents = { ".terraformignore": "node_modules\n", "node_modules/a": "", "node_modules/b": "" };
    const { surprises } = await pack({ ...repository(contents), ignore: ["!node_modules/a"] });
    expect(surprises).toEqual([expect.stringContaining(" 1 file (0 bytes) is uploaded all the same")]);
  });

  test("a directory whose files a later line brings back is no surprise", async () => {
    const { surprises } = await pack(repository({ ".terraformignore": "*\n!*.tf\n", "a/main.tf": "" }));
    expect(surprises).toEqual([]);
  });

  test("an archive without files is a warning", async () => {
    const { warnings, files } = await pack(repository({ "empty/": null }));
    expect(files).toBe(0);
    expect(warnings).toEqual([
      "The archive holds no file: every file is excluded, or the directory is empty.",
    ]);
  });

  test("an ignore file with a byte order mark is a warning", async () => {
    const { warnings } = await pack(repository({ ".terraformignore": "\uFEFF*.md\n" }));
    expect(warnings).toEqual([
      expect.stringContaining("infra/.terraformignore starts with a byte order mark"),
    ]);
  });

  // One byte of three differs from the mark's: E3 BB BF, EF BC BF, EF BB BC.
  test.each(["\u3EFF", "\uFF3F", "\uFEFC"])("one with %j is none", async (start) => {
    expect((await pack(repository({ ".terraformignore": `${start}\n` }))).warnings).toEqual([]);
  });
});

describe("progress and interruption", () => {
  test("progress counts up to all bytes", async () => {
    const seen: { files: number; bytes: number }[] = [];
    const onProgress = (progress: { files: number; bytes: number }) => seen.push(progress);
    await pack({ ...repository({ a: "x".repeat(3000000), b: "y" }), onProgress });
    expect(seen.length).toBeGreaterThan(3);
    expect(seen.map(({ bytes }) => bytes)).toEqual(seen.map(({ bytes }) => bytes).toSorted((a, b) => a - b));
    expect(seen.at(-1)).toMatchObject({ bytes: 3000001 });
  });

  test("an aborted signal ends it with the signal's reason and leaves nothing", async () => {
    const reason = new Failure("interrupted", "stop");
    const controller = new AbortController();
    const destination = join(temporaryFolder(), "a.tar.gz");
    const request = {
      ...repository({ a: "x".repeat(9000000), b: "" }),
      destination,
      signal: controller.signal,
    };
    await expect(pack({ ...request, onProgress: () => controller.abort(reason) })).rejects.toBe(reason);
    expect(existsSync(destination)).toBe(false);
    await expect(pack(request)).rejects.toBe(reason);
  });

  test("other work has its turn while many small files are packed", async () => {
    const contents = Object.fromEntries(Array.from({ length: 1500 }, (_, index) => [`f${index}`, "x"]));
    const controller = new AbortController();
    const reason = new Failure("interrupted", "stop");
    const packing = pack({ ...repository(contents), signal: controller.signal });
    setImmediate(() => controller.abort(reason));
    await expect(packing).rejects.toBe(reason);
  });

  test("timers go on while a large incompressible file is packed", async () => {
    const noise = createHash("shake256", { outputLength: 16 * 1048576 })
      .update("seed")
      .digest();
    const controller = new AbortController();
    const reason = new Failure("interrupted", "stop");
    let chunks = 0;
    const onProgress = () => {
      chunks += 1;
      // The first blocks hold headers, too, and are compressed.
      if (chunks === 6) setImmediate(() => controller.abort(reason));
    };
    const packing = pack({ ...repository({ noise }), signal: controller.signal, onProgress });
    await expect(packing).rejects.toBe(reason);
  });
});

test("small files are compressed together", async () => {
  const content = "resource {}\n".repeat(20);
  const contents = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`f${index}`, content]));
  const archive = await pack(repository(contents));
  expect(archive.rawBytes).toBe(200 * 1024 + 1024);
  expect(archive.bytes).toBeLessThan(archive.rawBytes / 20);
});

test("memory does not grow with the size of the files", async () => {
  const { root, repositoryRoot } = repository({ zeros: "" });
  truncateSync(join(root, "zeros"), 64 * 1048576);
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  const onProgress = () => {
    most = Math.max(most, process.memoryUsage().arrayBuffers);
  };
  await pack({ root, repositoryRoot, onProgress });
  expect(most - before).toBeLessThan(24 * 1048576);
});

describe("what cannot be packed is an error that says where, and leaves no archive", () => {
  async function failure(request: Parameters<typeof pack>[0]): Promise<string> {
    const folder = temporaryFolder();
    const destination = join(folder, "archive.tar.gz");
    const error = await pack({ destination, ...request }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(Failure);
    expect(error).toMatchObject({ reason: "archive" });
    expect(readdirSync(folder)).toEqual([]);
    return error instanceof Failure ? error.message : "";
  }

  test.each(["a\nb", "\u0007", "x\u009b31m", "tab\there", "d\u007f/x"])(
    "a name with control characters: %j",
    async (name) => {
      const message = await failure(repository({ [name]: "" }));
      expect(message).toContain("holds control characters");
      expect(message).not.toMatch(/[\u0000-\u001f]/);
      await expect(pack({ ...repository({ [name]: "" }), ignore: ["*"] })).resolves.toMatchObject({
        files: 0,
      });
    },
  );

  test("a link to a target with control characters", async () => {
    expect(await failure(repository({ l: { link: "a\nb" } }))).toContain("holds control characters");
  });

  test("a name that is not UTF-8", async () => {
    const { root, repositoryRoot } = repository({});
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x61, 0xff])]), "");
    expect(await failure({ root, repositoryRoot })).toContain("is not valid Unicode");
  });

  test("a path too long for a server, made by a followed link", async () => {
    const { root, repositoryRoot } = repository({});
    const deep = Array.from({ length: 15 }, () => "d".repeat(250)).join("/");
    // No single call of the system takes a path of that length.
    const script = `const fs = require("node:fs");
      fs.mkdirSync("../s");
      process.chdir("../s");
      for (let depth = 0; depth < 15; depth++) {
        fs.mkdirSync("d".repeat(250));
        process.chdir("d".repeat(250));
      }
      fs.writeFileSync("f".repeat(200), "");`;
    execFileSync(process.execPath, ["-e", script], { cwd: root });
    symlinkSync(`../s`, join(root, "l".repeat(250)));
    const message = await failure({ root, repositoryRoot });
    expect(deep.length).toBeGreaterThan(3700);
    expect(message).toMatch(/too long|longer than 4095 bytes/);
  });

  test.skipIf(asRoot)("an unreadable file, directory or ignore file", async () => {
    for (const name of ["a.tf", "d/", ".terraformignore"]) {
      const { root, repositoryRoot } = repository({ [name]: name.endsWith("/") ? null : "x" });
      chmodSync(join(root, name), 0);
      expect(await failure({ root, repositoryRoot })).toContain("cannot be");
      chmodSync(join(root, name), 0o700);
    }
  });

  test("an ignore file that is a directory", async () => {
    expect(await failure(repository({ ".terraformignore/x": "" }))).toContain(
      "infra/.terraformignore is not a regular file",
    );
  });

  test.skipIf(!hasPipes)("an ignore file that is a pipe nobody writes to", async () => {
    const { root, repositoryRoot } = repository({});
    execFileSync("mkfifo", [join(root, ".terraformignore")]);
    expect(await failure({ root, repositoryRoot })).toContain("is not a regular file");
  });

  test("an ignore file that is a link in a circle or out of the repository", async () => {
    expect(await failure(repository({ ".terraformignore": { link: ".terraformignore" } }))).toContain(
      "cannot be read (ELOOP)",
    );
    const circle = pack(repository({ ".terraformignore": { link: ".terraformignore" } }));
    await expect(circle).rejects.toMatchObject({ cause: { code: "ELOOP" } });
    const outside = join(temporaryFolder(), "rules");
    writeFileSync(outside, "secret-line\n");
    const message = await failure(repository({ ".terraformignore": { link: outside } }));
    expect(message).toContain(`is a link to ${outside}, outside of the repository`);
    expect(message).not.toContain("secret-line");
  });

  test("a directory outside of the repository, or none", async () => {
    const { root, repositoryRoot } = repository({ "a.tf": "" });
    expect(await failure({ root: repositoryRoot, repositoryRoot: root })).toContain(
      "is not inside of the repository",
    );
    expect(await failure({ root: join(root, "gone"), repositoryRoot })).toContain("cannot be read (ENOENT)");
    expect(await failure({ root: join(root, "a.tf"), repositoryRoot })).toContain("is not a directory");
  });

  test("a directory of which files never leave, also behind a link", async () => {
    const { root, repositoryRoot } = repository({
      "../.git/config": "AUTHORIZATION: basic x",
      "../.git/hooks/x": "",
      "../.terraform/modules/a/main.tf": "",
      "../.terraform/terraform.tfstate": "{}",
    });
    symlinkSync("../.git", join(root, "module"));
    const of = (directory: string) => failure({ root: join(repositoryRoot, directory), repositoryRoot });
    expect(await of("infra/module")).toContain(
      `The directory to upload, ${join(repositoryRoot, ".git")}, is a place of files that never leave the machine (.git/).`,
    );
    expect(await of(".git/hooks")).toContain("(.git/)");
    expect(await of(".terraform")).toContain("(.terraform/**/terraform.tfstate)");
    expect(await of(".terraform/modules/a")).toContain("(.terraform/**/terraform.tfstate)");
  });

  test("a destination inside of what is packed, or that cannot be written", async () => {
    const { root, repositoryRoot } = repository({ "a.tf": "" });
    const inside = pack({ root, repositoryRoot, destination: join(root, "a.tar.gz") });
    await expect(inside).rejects.toThrow("inside of the directory that is uploaded");
    await expect(inside).rejects.toMatchObject({ reason: "archive" });
    const gone = pack({ root, repositoryRoot, destination: join(root, "../gone/a.tar.gz") });
    await expect(gone).rejects.toMatchObject({ reason: "archive", cause: { code: "ENOENT" } });
    const folder = temporaryFolder();
    await expect(pack({ root, repositoryRoot, destination: folder })).rejects.toThrow("cannot be written");
  });
});

test("an ignore file that is a link within the repository is read", async () => {
  const archive = await pack(
    repository({ ".terraformignore": { link: "../rules" }, "../rules": "*.md\n", "a.md": "" }),
  );
  expect(list(archive.file)).toEqual([".terraformignore"]);
});

test("a root that is itself a link is packed as what it leads to", async () => {
  const { root, repositoryRoot } = repository({ "a.tf": "" });
  symlinkSync("infra", join(repositoryRoot, "current"));
  expect(list((await pack({ root: join(repositoryRoot, "current"), repositoryRoot })).file)).toEqual([
    "a.tf",
  ]);
  expect(root).toBeDefined();
});
