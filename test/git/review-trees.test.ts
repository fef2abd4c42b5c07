import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readCheckout } from "../../src/git/checkout.ts";
import { exportTree } from "../../src/git/export-tree.ts";
import { openGit } from "../../src/git/program.ts";
import { type ReviewTree, reviewTrees } from "../../src/git/review-trees.ts";
import { openStore, type Store } from "../../src/git/store.ts";
import { hasGit, makeRepository, type Repository } from "./repository.ts";

let repository: Repository;
let folder: string;

async function open(directory: string): Promise<Store> {
  folder = mkdtempSync(join(tmpdir(), "store-"));
  const environment = { PATH: process.env["PATH"], HOME: folder };
  const git = openGit({ environment, folder, signal: new AbortController().signal });
  const checkout = git && (await readCheckout(git, { directory, workspaceRoot: directory, home: folder }));
  const store = git && checkout && (await openStore(git, checkout, { folder, credentials: [] }));
  if (store === undefined) throw new Error("no store");
  return store;
}

async function treesIn(directory: string, commits: { head: string; merge: string }) {
  const problems: string[] = [];
  const found: ReviewTree[] = [];
  const store = await open(directory);
  for await (const tree of reviewTrees(store, { number: 1, ...commits }, problems)) found.push(tree);
  return { found, trees: found.map(({ tree }) => tree), problems };
}

const treeOf = (commit: string) => repository.git("rev-parse", `${commit}^{tree}`);

describe.skipIf(!hasGit("trees of a pull request"))("trees of a pull request", () => {
  beforeEach(() => {
    repository = makeRepository({ "main.tf": "# one\n", "other.tf": "# other\n" });
  });
  afterEach(() => repository.remove());

  describe.each(["merge", "squash", "rebase"] as const)("merged by %s", (how) => {
    test.each([1, 0])("the base moved on in between, fetch-depth %i", async (depth) => {
      const { head, trial } = repository.onBranch({ "main.tf": "# two\n" });
      const first = treeOf(trial);
      repository.onMain({ "other.tf": "# moved\n" });
      const second = treeOf(repository.git("merge-tree", "--write-tree", "main", head));
      repository.onMain({ "third.tf": "# moved again\n" });
      const merge = repository.merge(head, how);
      const { trees, problems } = await treesIn(repository.checkout(merge, depth), { head, merge });
      expect(problems).toEqual([]);
      expect(trees).toEqual(expect.arrayContaining([first, second, treeOf(merge)]));
      expect(new Set(trees).size).toBe(trees.length);
    });
  });

  test("the head comes first, before anything is fetched", async () => {
    const { head } = repository.onBranch({ "main.tf": "# two\n" });
    const merge = repository.merge(head);
    const store = await open(repository.checkout(merge, 0));
    const problems: string[] = [];
    const lookUp = () => Promise.reject(new Error("the remote was asked"));
    const trees = reviewTrees({ ...store, lookUp }, { number: 1, head, merge }, problems);
    expect((await trees.next()).value).toEqual({ of: "head", tree: treeOf(head) });
    await expect(trees.next()).rejects.toThrow("the remote was asked");
  });

  test("a trial merge that is still offered counts, but not that of another head", async () => {
    const { head, trial } = repository.onBranch({ "main.tf": "# two\n" });
    const merge = repository.merge(head);
    const strange = repository.commit({ "main.tf": "# strange\n" });
    const tree = treeOf(strange);
    const offered = repository.git("commit-tree", tree, "-p", trial, "-p", head, "-m", "Trial");
    repository.push(`${offered}:refs/pull/1/merge`);
    const directory = repository.checkout(merge);
    expect((await treesIn(directory, { head, merge })).trees).toContain(tree);
    const ofAnother = repository.git("commit-tree", tree, "-p", head, "-p", trial, "-m", "Trial");
    repository.push(`${ofAnother}:refs/pull/1/merge`);
    expect((await treesIn(directory, { head, merge })).trees).not.toContain(tree);
  });

  test("a partial clone, whose missing objects git would fetch when it meets them", async () => {
    const { head, trial } = repository.onBranch({ "main.tf": "# two\n" });
    const first = treeOf(trial);
    repository.onMain({ "other.tf": "# moved\n" });
    const merge = repository.merge(head, "squash");
    repository.git("-C", repository.remote, "config", "uploadpack.allowFilter", "true");
    const directory = join(repository.folder, "partial");
    repository.git("clone", "--quiet", "--filter=blob:none", "--no-checkout", repository.origin, directory);
    const { trees, problems } = await treesIn(directory, { head, merge });
    expect(problems).toEqual([]);
    expect(trees).toEqual(expect.arrayContaining([first, treeOf(merge)]));
    const store = await open(directory);
    await store.fetch([merge], 1);
    const target = join(folder, "tree");
    expect(await exportTree(store, treeOf(merge), target)).toMatchObject({ code: 0 });
    expect(readFileSync(join(target, "other.tf"), "utf8")).toBe("# moved\n");
  });

  test("a head in a fork is offered by the repository itself", async () => {
    const { head } = repository.onBranch({ "main.tf": "# of a fork\n" });
    repository.git("push", "--quiet", "origin", "--delete", "change");
    const merge = repository.merge(head, "squash");
    const { found } = await treesIn(repository.checkout(merge), { head, merge });
    expect(found[0]).toEqual({ of: "head", tree: treeOf(head) });
  });

  test("a base that conflicts with the head is passed over", async () => {
    const { head } = repository.onBranch({ "main.tf": "# two\n" });
    repository.onMain({ "main.tf": "# conflict\n" });
    repository.onMain({ "main.tf": "# one\n", "later.tf": "# later\n" });
    const merge = repository.merge(head);
    const { trees, problems } = await treesIn(repository.checkout(merge), { head, merge });
    expect(problems).toEqual([]);
    expect(trees).toEqual([treeOf(head), treeOf(merge)]);
  });

  test("a remote that cannot be reached is told, and what is there is used", async () => {
    const { head } = repository.onBranch({ "main.tf": "# two\n" });
    const merge = repository.merge(head);
    const [full, shallow] = [repository.checkout(merge, 0), repository.checkout(merge)];
    repository.git("-C", repository.remote, "config", "core.repositoryFormatVersion", "99");
    const whole = await treesIn(full, { head, merge });
    expect(whole.trees).toEqual([treeOf(head)]);
    const cut = await treesIn(shallow, { head, merge });
    expect(cut.trees).toEqual([]);
    expect(cut.problems.join(" ")).toMatch(/cannot be asked for more \(fatal: .*history does not reach back/);
  });

  test.each<[string, string | undefined, string | undefined]>([
    ["mona:s3%2Fcret@", undefined, "AUTHORIZATION: basic bW9uYTpzMy9jcmV0"],
    ["mona:100%@", undefined, "AUTHORIZATION: basic bW9uYToxMDAl"],
    ["mona:secret@", "AUTHORIZATION: persisted", "AUTHORIZATION: persisted"],
    ["mona@", undefined, undefined],
    ["", undefined, undefined],
  ])("a remote with %j: no password for the list of processes", async (user, persisted, header) => {
    const directory = repository.checkout("refs/heads/main");
    const config = (...given: string[]) => repository.git("-C", directory, ...given);
    config("remote", "set-url", "origin", `https://${user}github.com/acme/infra`);
    if (persisted !== undefined) config("config", "http.https://github.com/.extraheader", persisted);
    folder = mkdtempSync(join(tmpdir(), "store-"));
    const environment = { PATH: process.env["PATH"], HOME: folder };
    const git = openGit({ environment, folder, signal: new AbortController().signal });
    const place = { directory, workspaceRoot: directory, home: folder };
    const checkout = git && (await readCheckout(git, place));
    expect(checkout?.remote).toBe("https://github.com/acme/infra");
    const headers = checkout?.settings.filter(([key]) => key.endsWith(".extraheader"));
    expect(headers?.map(([, value]) => value)).toEqual(header === undefined ? [] : [header]);
  });

  test("an exported tree is what a checkout writes, and nothing of it is run", async () => {
    const ran = join(repository.folder, "ran");
    const evil = `touch ${ran}; cat`;
    repository.git("config", "filter.evil.smudge", evil);
    const files = {
      ".gitattributes":
        "hidden.tf export-ignore\nsubst.tf export-subst\n*.evil filter=evil\n*.crlf text eol=crlf\n",
      "hidden.tf": "# hidden\n",
      "subst.tf": "# $Format:%H$\n",
      "x.evil": "plain\n",
      "x.crlf": "one\n",
      "run.sh": "#!/bin/sh\n",
    };
    repository.onMain(files);
    repository.git("update-index", "--chmod=+x", "run.sh");
    const blob = repository.git("hash-object", "-w", join(repository.work, "subst.tf"));
    repository.git("update-index", "--add", "--cacheinfo", `120000,${blob},link`);
    const commit = repository.git("rev-parse", "HEAD");
    repository.git("update-index", "--add", "--cacheinfo", `160000,${commit},module`);
    repository.git("commit", "--quiet", "-m", "Modes");
    repository.push("main");
    const directory = repository.checkout("refs/heads/main");
    for (const name of ["filter.evil.smudge", "core.fsmonitor"]) {
      repository.git("-C", directory, "config", name, evil);
    }
    const store = await open(directory);
    const target = join(folder, "tree", "below");
    const tree = await store.treeOf(repository.git("rev-parse", "HEAD"));
    expect(await exportTree(store, tree ?? "", target)).toMatchObject({ code: 0, problem: "" });
    expect(readdirSync(join(folder, "tree"))).toEqual(["below"]);
    expect(readdirSync(target).sort()).toEqual(
      readdirSync(directory)
        .filter((name) => name !== ".git")
        .sort(),
    );
    expect(readFileSync(join(target, "subst.tf"), "utf8")).toBe("# $Format:%H$\n");
    expect(readFileSync(join(target, "x.crlf"), "utf8")).toBe("one\r\n");
    expect(readFileSync(join(target, "x.evil"), "utf8")).toBe("plain\n");
    expect(readlinkSync(join(target, "link"))).toBe("# $Format:%H$\n");
    expect(lstatSync(join(target, "module")).isDirectory()).toBe(true);
    expect(statSync(join(target, "run.sh")).mode & 0o111).not.toBe(0);
    expect(existsSync(ran)).toBe(false);
  });

  test.each([
    ["../outside", "100644"],
    [".git/config", "100644"],
    [".GIT/config", "100644"],
    ["git~1/config", "100644"],
  ])("a tree with the name %s is not exported", async (name, mode) => {
    const file = repository.git("hash-object", "-w", join(repository.work, "main.tf"));
    const [outer = "", inner = ""] = name.split("/");
    const below = treeObject(mode, inner, file);
    const tree = treeObject("40000", outer, below);
    const commit = repository.git("commit-tree", tree, "-p", "main", "-m", "Hostile");
    repository.git("update-ref", "refs/heads/hostile", commit);
    repository.push("hostile");
    const directory = repository.checkout(repository.git("rev-parse", "main"));
    const store = await open(directory);
    expect(await store.fetch([commit], 1)).toMatchObject({ code: 0 });
    const target = join(folder, "deep", "tree");
    const answer = await exportTree(store, tree, target);
    expect(answer.code).not.toBe(0);
    expect(existsSync(join(folder, "deep", "outside"))).toBe(false);
    expect(existsSync(target) ? readdirSync(target) : []).toEqual([]);
  });
});

/** A tree of one entry, written past the checks of `git mktree`. */
function treeObject(mode: string, name: string, id: string): string {
  const content = Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(id, "hex")]);
  return repository.object("tree", content);
}
