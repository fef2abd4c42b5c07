import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, posix } from "node:path";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { Parser, type ReadEntry } from "tar";
import { expect, test } from "vitest";
import { readIgnoreFile } from "../../src/archive/ignore-file.ts";
import { createWalk } from "../../src/archive/place.ts";
import { parseRules } from "../../src/archive/rules.ts";
import { createSelection } from "../../src/archive/selection.ts";
import { walkTree } from "../../src/archive/walk.ts";
import { checkUnchanged } from "../../src/archive/watch.ts";
import { Failure } from "../../src/failure.ts";
import { pack, temporaryFolder } from "./tree.ts";

const TREES = 10_000;
/** Every tree is walked; writing the archive adds nothing but what the other tests look at, so that is done for some. */
const PACKED_EVERY = 20;
/** Files in memory, on Linux: the test makes a hundred thousand. */
const MEMORY = "/dev/shm";
const ALLOWED = new Set(["File", "Directory", "SymbolicLink"]);

type Node = { path: string; kind: "file" | "directory" | "link"; target: string };

const name = fc.constantFrom(
  "a",
  "b",
  "c",
  "d",
  "é",
  ".git",
  ".terraform",
  "x y",
  "a",
  "b",
  "c",
  "d",
  "a\\b",
  "-r",
  "..x",
  "a\nb",
);
const parts = fc.array(name, { minLength: 1, maxLength: 3 });
const target = fc.oneof(
  fc.constantFrom(
    ".",
    "..",
    "../..",
    "../../..",
    "../out",
    "../out/in",
    "/etc/passwd",
    "/",
    "../../infra",
    "ROOT",
    "ROOT/a",
  ),
  fc
    .array(fc.constantFrom("a", "b", "c", "..", ".", "d", "é"), { minLength: 1, maxLength: 4 })
    .map((names) => names.join("/")),
);
const node: fc.Arbitrary<Node> = fc.record({
  path: fc
    .tuple(fc.constantFrom("infra", "infra", "infra", "out"), parts)
    .map(([top, names]) => [top, ...names].join("/")),
  kind: fc.constantFrom("file", "file", "directory", "link", "link"),
  target,
});
const rules = fc.option(
  fc.array(fc.constantFrom("a", "b/", "*", "!a", "a/**", "!.git/", "x*", "/c"), { maxLength: 3 }),
  { nil: undefined },
);

function build(repositoryRoot: string, nodes: Node[]): void {
  const made = new Set<string>();
  for (const { path, kind, target: leadsTo } of nodes) {
    const full = join(repositoryRoot, path);
    try {
      const folder = kind === "directory" ? full : join(full, "..");
      if (!made.has(folder)) mkdirSync(folder, { recursive: true });
      made.add(folder);
      if (kind === "file") writeFileSync(full, `content of ${path}`, { flag: "wx" });
      if (kind === "link") symlinkSync(leadsTo.replace("ROOT", join(repositoryRoot, "infra")), full);
    } catch {
      // what is in the way stays
    }
  }
}

type Entry = { path: string; type: string; linkpath: string };

/** What the walk finds, in the terms of an archive. */
async function found(root: string, repositoryRoot: string): Promise<Entry[]> {
  const tree = { root, repositoryRoot };
  const { content, name: file } = readIgnoreFile(root, repositoryRoot);
  const walk = createWalk(tree, createSelection(await parseRules(content, file), []));
  const entries = [...walkTree(walk)].map((entry) => {
    if (entry.type === "directory") return { path: `${entry.path}/`, type: "Directory", linkpath: "" };
    if (entry.type === "link") return { path: entry.path, type: "SymbolicLink", linkpath: entry.target };
    expect(lstatSync(entry.source).isFile() && realpathSync.native(entry.source) === entry.source).toBe(true);
    expect(entry.source.startsWith(`${repositoryRoot}/`)).toBe(true);
    return { path: entry.path, type: "File", linkpath: "" };
  });
  checkUnchanged(walk.watched, repositoryRoot);
  return entries;
}

async function entriesOf(file: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  const raw = gunzipSync(readFileSync(file));
  // The package takes an archive without entries for none at all.
  if (raw.every((byte) => byte === 0)) return entries;
  const parser = new Parser({ strict: true });
  const done = new Promise((resolve, reject) => {
    parser.on("end", resolve);
    parser.on("error", reject);
  });
  parser.on("entry", (entry: ReadEntry) => {
    const { path, type, linkpath = "", header } = entry;
    entries.push({ path, type, linkpath });
    expect([0o644, 0o755]).toContain(header.mode);
    expect({ ...header }).toMatchObject({ uid: 0, gid: 0, uname: "", gname: "", mtime: new Date(0) });
    entry.resume();
  });
  parser.end(raw);
  await done;
  return entries;
}

/** Where a link in the archive leads when every name is walked through the links before it; undefined: out of the root. */
function walkLink(
  links: Map<string, string>,
  start: string[],
  budget: { left: number },
): string[] | undefined {
  const at: string[] = [];
  for (const part of start) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (at.pop() === undefined) return undefined;
      continue;
    }
    at.push(part);
    const next = links.get(at.join("/"));
    if (next === undefined) continue;
    budget.left -= 1;
    if (budget.left <= 0) return [];
    if (posix.isAbsolute(next)) return undefined;
    const inner = walkLink(links, [...at.slice(0, -1), ...next.split("/")], budget);
    if (inner === undefined) return undefined;
    if (budget.left <= 0) return [];
    at.splice(0, at.length, ...inner);
  }
  return at;
}

function check(entries: Entry[]): void {
  const names = entries.map(({ path }) => path.replace(/\/$/, ""));
  expect(new Set(names).size).toBe(names.length);
  const isLink = ({ type }: Entry) => type === "SymbolicLink";
  const links = new Map(entries.filter(isLink).map(({ path, linkpath }) => [path, linkpath] as const));
  for (const { path, type } of entries) {
    expect(ALLOWED.has(type)).toBe(true);
    const segments = path.replace(/\/$/, "").split("/");
    expect(segments.filter((segment) => ["", ".", ".."].includes(segment))).toEqual([]);
    expect(/[\p{Cc}]/u.test(path)).toBe(false);
    const above = segments.slice(0, -1).map((_, index) => segments.slice(0, index + 1).join("/"));
    expect(above.filter((folder) => links.has(folder))).toEqual([]);
    if (type === "SymbolicLink") expect(walkLink(links, segments, { left: 300 })).toBeDefined();
  }
}

test(`${TREES} random trees: only files, directories and inner links below the root, or a clear error`, async () => {
  const seed = Number(process.env["FC_SEED"] ?? Date.now() % 2 ** 31);
  process.stderr.write(`random trees: FC_SEED=${seed}\n`);
  const trees = fc.sample(fc.record({ nodes: fc.array(node, { minLength: 1, maxLength: 8 }), rules }), {
    seed,
    numRuns: TREES,
  });
  const base = temporaryFolder(existsSync(MEMORY) ? MEMORY : undefined);
  const counts = { walked: 0, packed: 0, refused: 0, entries: 0 };
  const destination = join(base, "archive.tar.gz");
  for (const [index, tree] of trees.entries()) {
    const repositoryRoot = join(base, `t${index}`);
    mkdirSync(join(repositoryRoot, "infra"), { recursive: true });
    build(repositoryRoot, tree.nodes);
    if (tree.rules !== undefined)
      writeFileSync(join(repositoryRoot, "infra/.terraformignore"), tree.rules.join("\n"));
    try {
      const root = join(repositoryRoot, "infra");
      const entries = await found(root, repositoryRoot);
      check(entries);
      counts.walked += 1;
      counts.entries += entries.length;
      if (index % PACKED_EVERY === 0) {
        await pack({ root, repositoryRoot, destination });
        expect(await entriesOf(destination)).toEqual(entries);
        counts.packed += 1;
      }
    } catch (error) {
      if (!(error instanceof Failure))
        throw new Error(`tree ${index}: ${JSON.stringify(tree)}`, { cause: error });
      expect(error.reason).toBe("archive");
      expect(error.message).not.toContain("unknown error");
      counts.refused += 1;
    }
    rmSync(repositoryRoot, { recursive: true });
  }
  process.stderr.write(`random trees: ${JSON.stringify(counts)}\n`);
  expect(counts.walked).toBeGreaterThan(TREES / 2);
  expect(counts.packed).toBeGreaterThan(TREES / PACKED_EVERY / 2);
  expect(counts.refused).toBeGreaterThan(TREES / 50);
}, 180_000);
