// Packing: this action against go-slug (what tofu and terraform use) and tar with gzip and pigz; alternating, medians.
// `node bench/archive/run.ts quick` leaves out the gigabyte.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { evaluate, parseRules } from "../../src/archive/rules.ts";
import { median, printTable } from "../figures.ts";
import { buildOurs, findOthers, measure, type Program } from "./programs.ts";
import { makeLargeFiles, makeSmallFiles } from "./trees.ts";

const UPLOAD_BYTES_PER_MS = 12_500;
const quick = process.argv[2] === "quick";
const folder = mkdtempSync(join(tmpdir(), "bench-archive-"));

type Tree = { name: string; rounds: number; make: (directory: string) => void };

const trees: Tree[] = [
  { name: "10,000 files, 40 MB", rounds: 7, make: (directory) => makeSmallFiles(directory, 10_000, 4000) },
  { name: "50,000 files, 50 MB", rounds: 5, make: (directory) => makeSmallFiles(directory, 50_000, 1000) },
  ...(quick
    ? []
    : [{ name: "8 files, 1 GiB", rounds: 3, make: (directory: string) => makeLargeFiles(directory, 1024) }]),
];

function compare(tree: Tree, programs: Program[]): (string | number)[][] {
  const directory = join(folder, "tree");
  const file = join(folder, "archive.tar.gz");
  tree.make(directory);
  const results = programs.map((program) => ({
    program,
    walls: [] as number[],
    packings: [] as number[],
    rss: 0,
    bytes: 0,
  }));
  for (let round = 0; round < tree.rounds; round += 1) {
    for (const result of results) {
      const { wall, packing, rss } = measure(result.program, directory, file);
      result.walls.push(wall);
      result.packings.push(packing);
      result.rss = Math.max(result.rss, rss);
      result.bytes = statSync(file).size;
    }
  }
  rmSync(directory, { recursive: true });
  const reference = results.find(({ program }) => program.name === "go-slug") ?? results[0];
  const theirs = median(reference?.walls ?? []);
  return results.map(({ program, walls, packings, rss, bytes }) => {
    const [wall, packing] = [median(walls), median(packings)];
    const ratios = [(wall / theirs).toFixed(2), (packing / theirs).toFixed(2)];
    const upload = packing + bytes / UPLOAD_BYTES_PER_MS;
    const memory = Number.isNaN(rss) ? "" : rss.toFixed(0);
    const sizes = [(bytes / 1e6).toFixed(1), upload.toFixed(0), memory];
    return [tree.name, program.name, wall.toFixed(0), packing.toFixed(0), ...ratios, ...sizes];
  });
}

/** Rules of 10 KiB against paths of 4 KiB, the worst of five each. */
async function matching(): Promise<(string | number)[][]> {
  const cases = [
    ["*a…*c", `${"*a".repeat(1500)}*c`, `c${"a".repeat(4095)}`],
    ["*?…b", `${"*?".repeat(5000)}b`, `b${"a".repeat(4095)}`],
    ["**a…c", `${"**a".repeat(3000)}c`, `c/${"a/".repeat(2047)}`],
    ["x…*", `${"a".repeat(4000)}${"*".repeat(6000)}b`, `${"a".repeat(4095)}b`],
  ] as const;
  const rows: (string | number)[][] = [];
  for (const [name, rule, path] of cases) {
    const rules = (await parseRules(Buffer.from(rule), "rules")).slice(-1);
    const times = Array.from({ length: 5 }, () => {
      const start = performance.now();
      evaluate(rules, path);
      return performance.now() - start;
    });
    rows.push([name, rule.length, path.length, Math.max(...times).toFixed(1)]);
  }
  return rows;
}

try {
  const programs = [buildOurs(folder), ...findOthers(folder)];
  console.log(`${availableParallelism()} cores, Node ${process.version}\n`);
  const heading = [
    "tree",
    "packer",
    "process, ms",
    "packing, ms",
    "process of go-slug",
    "packing of go-slug",
    "MB",
    "packing and upload at 100 Mbit/s, ms",
    "most MiB",
  ];
  printTable(
    heading,
    trees.flatMap((tree) => compare(tree, programs)),
  );
  console.log("");
  printTable(["rule", "characters", "path", "ms"], await matching());
} finally {
  rmSync(folder, { recursive: true, force: true });
}
