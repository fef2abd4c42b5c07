// Writes the tables of inputs and outputs into README.md from action.yml. With --check: fails when they differ.
import { readFileSync, writeFileSync } from "node:fs";
import { parse } from "yaml";

type Entry = { description: string; default?: string; required?: boolean };
type Action = { inputs: Record<string, Entry>; outputs: Record<string, Entry> };

const action = parse(readFileSync("action.yml", "utf8")) as Action;
const cell = (text: string) => text.trim().replaceAll(/\s+/g, " ").replaceAll("|", "\\|");

function inputs(): string {
  const rows = Object.entries(action.inputs).map(([name, { description, default: value }]) => {
    const otherwise = value === undefined || value === "" ? "–" : `\`${value}\``;
    return `| \`${name}\` | ${otherwise} | ${cell(description)} |`;
  });
  return ["| input | default | meaning |", "|---|---|---|", ...rows].join("\n");
}

function outputs(): string {
  const rows = Object.entries(action.outputs).map(
    ([name, { description }]) => `| \`${name}\` | ${cell(description)} |`,
  );
  return ["| output | value |", "|---|---|", ...rows].join("\n");
}

function replaceBetween(text: string, name: string, table: string): string {
  const [start, end] = [`<!-- ${name}: generated from action.yml -->`, `<!-- ${name}: end -->`];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < 0) throw new Error(`README.md has no place for the ${name}`);
  return `${text.slice(0, from + start.length)}\n\n${table}\n\n${text.slice(to)}`;
}

const before = readFileSync("README.md", "utf8");
const after = replaceBetween(replaceBetween(before, "inputs", inputs()), "outputs", outputs());
if (!process.argv.includes("--check")) writeFileSync("README.md", after);
else if (before === after) console.log("README tables: up to date");
else {
  console.error("The tables of README.md are not those of action.yml: npm run readme");
  process.exitCode = 1;
}
