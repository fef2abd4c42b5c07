import { execFileSync } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { create as createTar, Header, Pax } from "tar";
import { afterAll, describe, expect, test } from "vitest";
import { digestOfArchive } from "../../src/archive/digest-archive.ts";
import { Failure } from "../../src/failure.ts";
import { buildGoSlug } from "./goslug.ts";
import { type Content, hasGit, hasGnuTar, pack, repository, temporaryFolder } from "./tree.ts";

const program = buildGoSlug();
afterAll(() => {
  if (program !== undefined) rmSync(dirname(program), { recursive: true });
});

let files = 0;
const folder = temporaryFolder();
function write(bytes: Buffer): string {
  const file = join(folder, `made-${files++}.tar.gz`);
  writeFileSync(file, bytes);
  return file;
}

const text = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.constantFrom("", "x".repeat(511), "x".repeat(512), "é".repeat(700)),
);
const name = fc.constantFrom(
  "a",
  "a-b",
  "a.tf",
  "b",
  "é",
  "ﬁ",
  "😀",
  "z z",
  "-r",
  "n".repeat(120),
  "日".repeat(60),
);
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));
const content: fc.Arbitrary<Content> = fc.oneof(
  { weight: 4, arbitrary: text },
  { weight: 2, arbitrary: text.map((made) => ({ mode: 0o755, content: made })) },
  { weight: 1, arbitrary: fc.constant(null) },
);
/** Trees without a file where another path needs a directory. */
const tree = fc.dictionary(path, content, { maxKeys: 8 }).map((made) => {
  const paths = Object.keys(made);
  const isParent = (one: string) => paths.some((other) => other.startsWith(`${one}/`));
  return Object.fromEntries(Object.entries(made).map(([at, what]) => [at, isParent(at) ? null : what]));
});

describe("the digest of an archive is that of the directory", () => {
  test("as this action packs it", async () => {
    await fc.assert(
      fc.asyncProperty(tree, async (made) => {
        const archive = await pack(repository(made));
        expect(await digestOfArchive(archive.file)).toBe(archive.digest);
      }),
      { numRuns: 150 },
    );
  });

  test.skipIf(!hasGnuTar)(
    "as others pack it: order, times, modes, owners, formats, a dot in front",
    async () => {
      const how = fc.record({
        tree,
        format: fc.constantFrom("ustar", "pax", "gnu"),
        order: fc.constantFrom("name", "inode", "none"),
        time: fc.nat(2e9),
        dot: fc.boolean(),
        mode: fc.constantFrom(0o600, 0o640, 0o666),
      });
      await fc.assert(
        fc.asyncProperty(how, async ({ tree: made, format, order, time, dot, mode }) => {
          const { root, repositoryRoot } = repository(made);
          const archive = await pack({ root, repositoryRoot });
          for (const [at, what] of Object.entries(made)) {
            if (typeof what === "string") chmodSync(join(root, at), mode);
            utimesSync(join(root, at), time, time);
          }
          const file = join(folder, `others-${files++}.tar.gz`);
          const names = dot ? ["."] : readdirSync(root);
          if (names.length === 0 || (format === "ustar" && JSON.stringify(made).length > 400)) return;
          const options = [
            `--format=${format}`,
            `--sort=${order}`,
            "--owner=someone:1234",
            "--hard-dereference",
          ];
          try {
            execFileSync(
              "tar",
              [...options, "-czf", file, "-C", root, "--", ...names.map((one) => `./${one}`)],
              { stdio: "pipe" },
            );
          } catch (error) {
            // ustar has no room for every long name
            if (format === "ustar") return;
            throw error;
          }
          expect(await digestOfArchive(file)).toBe(archive.digest);
        }),
        { numRuns: 60 },
      );
    },
  );

  test("with links, in whatever way the bytes come", async () => {
    const made = {
      "b/run": { mode: 0o700, content: "x" },
      l: { link: "b/run" },
      "b/up": { link: "../l" },
      "c/d/": null,
    };
    const { root, repositoryRoot } = repository(made);
    const archive = await pack({ root, repositoryRoot });
    const chunks: Buffer[] = [];
    for await (const chunk of createTar({ cwd: root, portable: true }, ["."])) chunks.push(chunk);
    const tar = Buffer.concat(chunks);
    expect(await digestOfArchive(write(gzipSync(tar, { level: 0 })))).toBe(archive.digest);
    // Two members of gzip are one stream.
    const members = [gzipSync(tar.subarray(0, 700)), gzipSync(tar.subarray(700))];
    expect(await digestOfArchive(write(Buffer.concat(members)))).toBe(archive.digest);
  });

  test("several MiB, of which nothing is held", async () => {
    const noise = Buffer.alloc(5 * 1024 * 1024, "0123456789abcdef\n");
    const archive = await pack(repository({ a: noise, b: noise.subarray(3), "c/d.tf": "" }));
    expect(await digestOfArchive(archive.file)).toBe(archive.digest);
  });

  test.each<[string, Record<string, Content>]>([
    [
      "a module",
      { "main.tf": "", "modules/a/main.tf": "x", "modules/a/run.sh": { mode: 0o755, content: "y" } },
    ],
    [
      "an empty directory, long names",
      { "empty/": null, ["é".repeat(100)]: "x", [`${"d".repeat(90)}/${"f".repeat(90)}`]: "y" },
    ],
    ["links", { "a/b": "x", l: { link: "a/b" }, "a/up": { link: "../a" } }],
    [
      "links out of the directory",
      {
        "../shared/x.tf": "x",
        "../shared/sub/y.tf": "y",
        s: { link: "../shared" },
        f: { link: "../shared/x.tf" },
      },
    ],
    [
      "ignored",
      {
        ".terraformignore": "*.log\ndocs/\n!docs/keep",
        "a.log": "",
        "docs/x": "",
        "docs/keep": "",
        "m.tf": "",
      },
    ],
    ["nothing", {}],
  ])("as go-slug packs %s", async (_name, made) => {
    if (program === undefined) return;
    const { root, repositoryRoot } = repository(made);
    const archive = await pack({ root, repositoryRoot });
    const file = join(folder, `slug-${files++}.tar.gz`);
    execFileSync(program, ["pack", root, file]);
    expect(await digestOfArchive(file)).toBe(archive.digest);
  });

  test.skipIf(!hasGit)("of git, whose comment says the commit", async () => {
    const { root, repositoryRoot } = repository({ "a.tf": "x", "b/c.tf": { mode: 0o755, content: "y" } });
    const git = (...options: string[]) => execFileSync("git", options, { cwd: root, maxBuffer: 1e8 });
    git("init", "-q");
    git("add", ".");
    git("-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-q", "-m", "x");
    const tar = git("-c", "tar.umask=0022", "archive", "--format=tar", "HEAD");
    expect(await digestOfArchive(write(gzipSync(tar)))).toBe((await pack({ root, repositoryRoot })).digest);
  });

  test("another one where anything that counts is different", async () => {
    const made: Record<string, Content> = { a: "x", "b/c": "y", l: { link: "a" } };
    const before = await digestOfArchive((await pack(repository(made))).file);
    const changes: Record<string, Content>[] = [
      { a: "X" },
      { a: { mode: 0o755, content: "x" } },
      { l: { link: "b/c" } },
      { "b/d/": null },
      { d: "" },
    ];
    for (const change of changes) {
      expect(await digestOfArchive((await pack(repository({ ...made, ...change }))).file)).not.toBe(before);
    }
  });
});

type Made = { path: string; type?: string; content?: string; link?: string; before?: Buffer };

function entry({
  path: at,
  type = "File",
  content: body = "",
  link = "",
  before = Buffer.alloc(0),
}: Made): Buffer {
  const size = Buffer.byteLength(body);
  const block = Buffer.alloc(512);
  new Header({
    path: at,
    type: type as "File",
    size,
    linkpath: link,
    mode: 0o644,
    mtime: new Date(0),
  }).encode(block, 0);
  return Buffer.concat([before, block, Buffer.from(body), Buffer.alloc((512 - (size % 512)) % 512)]);
}
const end = Buffer.alloc(1024);
const archiveOf = (...made: Made[]) => write(gzipSync(Buffer.concat([...made.map(entry), end])));
/** An extended header with these records as they are. */
function extended(body: string, type = "ExtendedHeader"): Buffer {
  return entry({ path: "PaxHeader/x", type, content: body });
}
const record = (key: string, value: string): string => {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest);
  while (Buffer.byteLength(`${length}${rest}`) !== length) length = Buffer.byteLength(`${length}${rest}`);
  return `${length}${rest}`;
};

describe("refused", () => {
  test.each<[string, Made[], RegExp]>([
    ["a name twice", [{ path: "a" }, { path: "a", content: "x" }], /"a" twice/],
    ["the same name in another spelling", [{ path: "a" }, { path: "./a" }], /"a" twice/],
    ["a directory and a file of one name", [{ path: "a/", type: "Directory" }, { path: "a" }], /"a" twice/],
    ["..", [{ path: "../a" }], /leads out/],
    [".. within", [{ path: "a/../../b" }], /leads out/],
    ["an absolute name", [{ path: "/etc/passwd" }], /leads out/],
    ["an absolute link", [{ path: "l", type: "SymbolicLink", link: "/etc/passwd" }], /leads out/],
    ["a link out", [{ path: "a/l", type: "SymbolicLink", link: "../../x" }], /leads out/],
    [
      "a file below a link",
      [{ path: "l", type: "SymbolicLink", link: "a" }, { path: "l/x" }],
      /below "l", a link/,
    ],
    [
      "a file below a later link",
      [{ path: "l/m/x" }, { path: "l", type: "SymbolicLink", link: "a" }],
      /below "l"/,
    ],
    ["a file below a file", [{ path: "f" }, { path: "f/x" }], /below "f", a file/],
    ["a hard link", [{ path: "a" }, { path: "b", type: "Link", link: "a" }], /type Link/],
    ["a device", [{ path: "a", type: "CharacterDevice" }], /type CharacterDevice/],
    ["a pipe", [{ path: "a", type: "FIFO" }], /type FIFO/],
    ["a line end in a name", [{ path: "a\nb" }], /control characters/],
    ["a name that is no UTF-8", [{ path: "a\uFFFD" }], /Unicode/],
  ])("%s", async (_name, made, message) => {
    await expect(digestOfArchive(archiveOf(...made))).rejects.toThrow(message);
    await expect(digestOfArchive(archiveOf(...made))).rejects.toBeInstanceOf(Failure);
  });

  test.each<[string, Buffer, RegExp]>([
    [
      "a path behind a line end of another value",
      extended(record("comment", "x\n16 path=evil.tf")),
      /line end/,
    ],
    ["a path that is given twice", extended(record("path", "b") + record("path", "c")), /twice/],
    ["lengths that are wrong", extended("11 path=a\n9 x=y\n"), /lengths are wrong/],
    ["a sparse file", extended(record("GNU.sparse.major", "1")), /GNU\.sparse/],
    ["a mode", extended(record("mode", "0755")), /attribute mode/],
    ["a path for all", extended(record("path", "b"), "GlobalExtendedHeader"), /global header/],
    ["a size for all", extended(record("size", "0"), "GlobalExtendedHeader"), /global header/],
  ])("a header with %s", async (_name, before, message) => {
    await expect(digestOfArchive(archiveOf({ path: "a", content: "x", before }))).rejects.toThrow(message);
  });

  test("what is allowed in headers", async () => {
    const plain = await digestOfArchive(archiveOf({ path: "é", content: "x" }));
    const pax = new Pax({ path: "é", mtime: new Date(5000), uname: "someone" }).encode();
    const records = record("path", "é") + record("SCHILY.xattr.user.x", "y") + record("comment", "z");
    const befores = [pax, extended(records), extended(record("comment", "f00"), "GlobalExtendedHeader")];
    for (const [index, before] of befores.entries()) {
      const made = { path: index === 2 ? "é" : "other", content: "x", before };
      expect(await digestOfArchive(archiveOf(made))).toBe(plain);
    }
  });

  test("limits", async () => {
    const file = archiveOf({ path: "a", content: "x" }, { path: "b" }, { path: "c" });
    const digest = await digestOfArchive(file);
    const raw = gunzipSync(readFileSync(file)).length;
    expect(await digestOfArchive(file, { entries: 3, rawBytes: raw })).toBe(digest);
    await expect(digestOfArchive(file, { entries: 2, rawBytes: raw })).rejects.toThrow(/more than 2 entries/);
    await expect(digestOfArchive(file, { entries: 3, rawBytes: raw - 1 })).rejects.toThrow(
      /more than \d+ bytes/,
    );
    const bomb = write(gzipSync(Buffer.alloc(64 * 1024 * 1024)));
    await expect(digestOfArchive(bomb, { entries: 9, rawBytes: 1024 * 1024 })).rejects.toThrow(/more than/);
  });

  test("damage: cut at any place, a bit that is turned", async () => {
    const { file } = await pack(repository({ "a.tf": "x".repeat(3000), "b/c.tf": "y" }));
    const bytes = readFileSync(file);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: bytes.length - 1 }), async (at) => {
        await expect(digestOfArchive(write(bytes.subarray(0, at)))).rejects.toBeInstanceOf(Failure);
      }),
      { numRuns: 60 },
    );
    const raw = gunzipSync(bytes);
    for (const cut of [1, 100, 700, 2048]) {
      await expect(digestOfArchive(write(gzipSync(raw.subarray(0, cut))))).rejects.toBeInstanceOf(Failure);
    }
    raw[3] = (raw[3] ?? 0) ^ 1;
    await expect(digestOfArchive(write(gzipSync(raw)))).rejects.toThrow(/damaged/);
  });

  test.each([
    ["no gzip", Buffer.from("<html>")],
    ["gzip of nothing", gzipSync(Buffer.alloc(0))],
    ["gzip of text", gzipSync("hello".repeat(300))],
    ["gzip of gzip", gzipSync(gzipSync(Buffer.alloc(1024)))],
    ["an empty file", Buffer.alloc(0)],
  ])("%s", async (_name, bytes) => {
    await expect(digestOfArchive(write(bytes))).rejects.toMatchObject({ reason: "archive" });
  });

  test("a file that is not there, an interruption", async () => {
    await expect(digestOfArchive(join(folder, "none"))).rejects.toThrow(/ENOENT/);
    const reason = new Error("stop");
    const aborted = digestOfArchive(archiveOf({ path: "a" }), undefined, AbortSignal.abort(reason));
    await expect(aborted).rejects.toBe(reason);
  });
});
