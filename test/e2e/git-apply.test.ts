import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hasGit } from "../git/repository.ts";
import { type GitScene, makeGitScene } from "./git-scene.ts";
import { liveRuns } from "./scene.ts";

const MODULE = { "infra/main.tf": 'resource "terraform_data" "greeting" {}\n', "notes.md": "one\n" };
const held = (reason: string) => ({ status: "held", "failure-reason": reason, applied: "false" });
let scene: GitScene;

describe.skipIf(!hasGit("jobs in real checkouts"))("jobs in real checkouts", () => {
  describe.each(["hcp", "otf"] as const)("on %s", (profile) => {
    beforeEach(async () => {
      scene = await makeGitScene({ profile }, MODULE);
    });
    afterEach(() => scene.close());

    const merged = (head: string, how?: "merge" | "squash" | "rebase") => {
      const sha = scene.repository.merge(head, how);
      scene.sandbox.github.merge(sha);
      return sha;
    };

    test.each(["merge", "squash", "rebase"] as const)("merged by %s: applied", async (how) => {
      const made = scene.repository.onBranch({ "infra/main.tf": "# changed\n" });
      expect((await scene.plan(made)).outputs["status"]).toBe("planned");
      const result = await scene.apply(merged(made.head, how));
      expect([result.exitCode, result.outputs]).toEqual([0, expect.objectContaining({ status: "applied" })]);
    });

    test.each([1, 0])("the base moved on in the packed directory, fetch-depth %i: applied", async (depth) => {
      const made = scene.repository.onBranch({ "infra/main.tf": "# changed\n" });
      scene.repository.onMain({ "infra/other.tf": "# moved\n" });
      expect((await scene.plan(made)).outputs["status"]).toBe("planned");
      scene.repository.onMain({ "infra/third.tf": "# moved again\n" });
      const result = await scene.apply(merged(made.head, "squash"), { depth });
      expect([result.exitCode, result.outputs]).toEqual([0, expect.objectContaining({ status: "applied" })]);
      expect(scene.sandbox.github.comments()[0]?.body).toMatch(/reviewed archive [0-9a-f]{16} differs/);
    });

    test("the head moved on after the last plan: held", async () => {
      const made = scene.repository.onBranch({ "infra/main.tf": "# changed\n" });
      expect((await scene.plan(made)).outputs["status"]).toBe("planned");
      const later = scene.repository.onBranch({ "infra/main.tf": "# changed after the review\n" });
      scene.sandbox.github.pull({ headSha: later.head });
      const result = await scene.apply(merged(later.head));
      expect(result.outputs).toMatchObject(held("no-reviewed-plan"));
      expect(liveRuns(scene.sandbox)).toEqual([]);
    });

    test("the head was replaced by a force push: held", async () => {
      const made = scene.repository.onBranch({ "infra/main.tf": "# changed\n" });
      expect((await scene.plan(made)).outputs["status"]).toBe("planned");
      scene.repository.git("checkout", "--quiet", "main");
      scene.repository.git("branch", "--quiet", "-D", "change");
      const other = scene.repository.onBranch({ "infra/main.tf": "# another\n" });
      scene.sandbox.github.pull({ headSha: other.head });
      const result = await scene.apply(merged(other.head));
      expect(result.outputs).toMatchObject(held("no-reviewed-plan"));
    });
  });

  describe("where messages are lost", () => {
    beforeEach(async () => {
      scene = await makeGitScene({ profile: "otf" }, MODULE);
    });
    afterEach(() => scene.close());

    /** A plan of the pull request, and its merge after the base has moved. */
    async function movedOn(): Promise<string> {
      const made = scene.repository.onBranch({ "infra/main.tf": "# changed\n" });
      scene.repository.onMain({ "infra/other.tf": "# moved\n" });
      await scene.plan(made);
      const sha = scene.repository.merge(made.head);
      scene.sandbox.github.merge(sha);
      return sha;
    }

    test("without git nothing can be compared, which is said", async () => {
      const result = await scene.apply(await movedOn(), { env: { PATH: "/nowhere" } });
      expect(result.outputs).toMatchObject(held("no-reviewed-plan"));
      expect(result.annotations[0]?.message).toContain("There is no git on PATH");
    });

    test("a remote that cannot be reached: held, with what is missing", async () => {
      const sha = await movedOn();
      const before = () => {
        scene.repository.git("-C", scene.repository.remote, "config", "core.repositoryFormatVersion", "99");
      };
      const result = await scene.apply(sha, { before });
      expect(result.outputs).toMatchObject(held("no-reviewed-plan"));
      expect(result.annotations[0]?.message).toMatch(/fetch-depth: 0/);
    });

    test("files that the plan's job made are not in git: held, which is said", async () => {
      const made = scene.repository.onBranch({ "infra/main.tf": "# changed\n" });
      const before = (workspace: string) =>
        writeFileSync(join(workspace, "infra/made.auto.tfvars"), 'made = "up"\n');
      await scene.plan(made, { before });
      const sha = scene.repository.merge(made.head);
      scene.sandbox.github.merge(sha);
      const result = await scene.apply(sha);
      expect(result.outputs).toMatchObject(held("no-reviewed-plan"));
      expect(result.annotations[0]?.message).toMatch(/earlier steps of the plan's job made are not in git/);
    });

    test("a working directory of the workspace, and lines of the input ignore", async () => {
      Object.assign(scene.sandbox.workspace("demo"), { workingDirectory: "infra" });
      const ignore = { inputs: { ignore: "notes.md" } };
      const made = scene.repository.onBranch({ "infra/main.tf": "# changed\n", "notes.md": "two\n" });
      await scene.plan(made, ignore);
      scene.repository.onMain({ "more.md": "moved\n" });
      const sha = scene.repository.merge(made.head);
      scene.sandbox.github.merge(sha);
      const result = await scene.apply(sha, ignore);
      expect([result.exitCode, result.outputs["status"]]).toEqual([0, "applied"]);
    });
  });
});
