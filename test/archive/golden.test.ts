import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { list, pack, repository } from "./tree.ts";

type Case = { name: string; rules: string | null; paths: string[]; included: string[] };

const fixture = new URL("../fixtures/archive/terraformignore.json", import.meta.url);
const cases: Case[] = JSON.parse(readFileSync(fixture, "utf8")).cases;

/** What go-slug packs and this action does not: the contents of .git never leave. */
const NEVER_UPLOADED: Record<string, string[]> = {
  "!.terraform/ and !.git/ bring everything back": [".git/", ".git/config", ".git/notes.tf"],
  "a broad negation reaches into .git and .terraform": [".git/notes.tf"],
};
/** What go-slug takes without a word and this action refuses. */
const REFUSED: Record<string, string> = {
  "an invalid pattern is dropped by go-slug without a word (the action refuses it)":
    'infra/.terraformignore, line 1: the rule "c++" is not a valid pattern',
};

function build(golden: Case): { repositoryRoot: string; root: string } {
  const contents = golden.paths.map((path) => {
    const [name = "", target] = path.split(" -> ");
    if (target !== undefined) return [name, { link: target }] as const;
    return [name, name.endsWith("/") ? null : `content of ${name}`] as const;
  });
  return repository({
    ...Object.fromEntries(contents),
    ...(golden.rules === null ? {} : { ".terraformignore": golden.rules }),
  });
}

describe("golden cases of go-slug", () => {
  test.each(cases.filter(({ name }) => REFUSED[name] === undefined))("$name", async (golden) => {
    const archive = await pack(build(golden));
    const never = NEVER_UPLOADED[golden.name] ?? [];
    expect(never.every((path) => golden.included.includes(path))).toBe(true);
    const expected = golden.included.filter((path) => !never.includes(path));
    expect(list(archive.file).toSorted()).toEqual(expected.toSorted());
  });

  test.each(cases.filter(({ name }) => REFUSED[name] !== undefined))("$name", async (golden) => {
    await expect(pack(build(golden))).rejects.toThrow(REFUSED[golden.name]);
  });

  test("every exception is one of the cases", () => {
    const names = cases.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining([...Object.keys(NEVER_UPLOADED), ...Object.keys(REFUSED)]));
  });
});
