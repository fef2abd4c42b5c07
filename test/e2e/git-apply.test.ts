import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, type TestContext, test } from "vitest";
import { hasGit } from "../git/repository.ts";
import { type GitScene, makeGitScene } from "./git-scene.ts";
import { everything } from "./scene.ts";

const MODULE = { "infra/main.tf": 'resource "terraform_data" "greeting" {}\n', "notes.md": "one\n" };
const held = (reason: string) => ({ status: "held", "failure-reason": reason, applied: "false" });

/** A scene of the test's own, so that tests run side by side. */
async function open(context: TestContext, profile: "hcp" | "otf"): Promise<GitScene> {
  const scene = await makeGitScene({ profile }, MODULE);
  context.onTestFinished(() => scene.close());
  return scene;
}

function merged(
  { repository, sandbox }: GitScene,
  head: string,
  how?: "merge" | "squash" | "rebase",
): string {
  const sha = repository.merge(head, how);
  sandbox.github.merge(sha);
  return sha;
}

describe.skipIf(!hasGit("jobs in real checkouts"))("jobs in real checkouts", () => {
  describe.each(["hcp", "otf"] as const)("on %s", (profile) => {
    test.concurrent("merged: applied", async (context) => {
      const scene = await open(context, profile);
      const made = scene.repository.onBranch({ "infra/main.tf": "# changed\n" });
      expect((await scene.plan(made)).outputs["status"]).toBe("planned");
      const result = await scene.apply(merged(scene, made.head));
      expect([result.exitCode, result.outputs["status"]]).toEqual([0, "applied"]);
    });

    test.concurrent("the head moved on after the last plan: held", async (context) => {
      const scene = await open(context, profile);
      const made = scene.repository.onBranch({ "infra/main.tf": "# changed\n" });
      expect((await scene.plan(made)).outputs["status"]).toBe("planned");
      const later = scene.repository.onBranch({ "infra/main.tf": "# changed after the review\n" });
      scene.sandbox.github.pull({ headSha: later.head });
      const result = await scene.apply(merged(scene, later.head));
      expect(result.outputs).toMatchObject(held("no-reviewed-plan"));
      expect(scene.sandbox.world.runs).toHaveLength(1);
    });

    test.concurrent("the head was replaced by a force push: held", async (context) => {
      const scene = await open(context, profile);
      const made = scene.repository.onBranch({ "infra/main.tf": "# changed\n" });
      expect((await scene.plan(made)).outputs["status"]).toBe("planned");
      scene.repository.git("checkout", "--quiet", "main");
      scene.repository.git("branch", "--quiet", "-D", "change");
      const other = scene.repository.onBranch({ "infra/main.tf": "# another\n" });
      scene.sandbox.github.pull({ headSha: other.head });
      const result = await scene.apply(merged(scene, other.head));
      expect(result.outputs).toMatchObject(held("no-reviewed-plan"));
    });
  });

  describe("where messages are lost", () => {
    test.concurrent.for(["squash", "rebase"] as const)("merged by %s: applied", async (how, context) => {
      const scene = await open(context, "otf");
      const made = scene.repository.onBranch({ "infra/main.tf": "# changed\n" });
      expect((await scene.plan(made)).outputs["status"]).toBe("planned");
      const result = await scene.apply(merged(scene, made.head, how));
      expect([result.exitCode, result.outputs]).toEqual([0, expect.objectContaining({ status: "applied" })]);
    });

    test.concurrent.for([1, 0])(
      "the base moved on in the packed directory, fetch-depth %i: applied",
      async (depth, context) => {
        const scene = await open(context, "otf");
        const made = scene.repository.onBranch({ "infra/main.tf": "# changed\n" });
        scene.repository.onMain({ "infra/other.tf": "# moved\n" });
        expect((await scene.plan(made)).outputs["status"]).toBe("planned");
        scene.repository.onMain({ "infra/third.tf": "# moved again\n" });
        const result = await scene.apply(merged(scene, made.head, "squash"), { depth });
        expect([result.exitCode, result.outputs]).toEqual([
          0,
          expect.objectContaining({ status: "applied" }),
        ]);
        expect(scene.sandbox.github.comments()[0]?.body).toMatch(/reviewed archive [0-9a-f]{16} differs/);
      },
    );

    /** A plan of the pull request, and its merge after the base has moved. */
    async function movedOn(scene: GitScene): Promise<string> {
      const made = scene.repository.onBranch({ "infra/main.tf": "# changed\n" });
      scene.repository.onMain({ "infra/other.tf": "# moved\n" });
      await scene.plan(made);
      const sha = scene.repository.merge(made.head);
      scene.sandbox.github.merge(sha);
      return sha;
    }

    test.concurrent("checkouts in a folder of the job's workspace", async (context) => {
      const scene = await open(context, "otf");
      const made = scene.repository.onBranch({ "infra/main.tf": "# changed\n" });
      scene.repository.onMain({ "infra/other.tf": "# moved\n" });
      await scene.plan(made, { below: true });
      const result = await scene.apply(merged(scene, made.head), { below: true });
      expect([result.exitCode, result.outputs["status"]]).toEqual([0, "applied"]);
    });

    test.concurrent("without git nothing can be compared, which is said", async (context) => {
      const scene = await open(context, "otf");
      const result = await scene.apply(await movedOn(scene), { env: { PATH: "/nowhere" } });
      expect(result.outputs).toMatchObject(held("no-reviewed-plan"));
      expect(result.annotations[0]?.message).toContain("There is no git on PATH");
    });

    test.concurrent("a remote that cannot be reached: held, with what is missing", async (context) => {
      const scene = await open(context, "otf");
      const sha = await movedOn(scene);
      const before = () => {
        scene.repository.git("-C", scene.repository.remote, "config", "core.repositoryFormatVersion", "99");
      };
      const result = await scene.apply(sha, { before });
      expect(result.outputs).toMatchObject(held("no-reviewed-plan"));
      expect(result.annotations[0]?.message).toMatch(/fetch-depth: 0/);
    });

    test.concurrent("without persisted credentials the job's own token fetches, and is shown to nobody", async (context) => {
      const scene = await open(context, "otf");
      const sha = await movedOn(scene);
      const folder = mkdtempSync(join(tmpdir(), "recorded-"));
      const [bin, record] = [join(folder, "bin"), join(folder, "record")];
      mkdirSync(bin);
      const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
      const script = `#!/bin/sh\n{ echo "argv $*"; env | grep -a "^GIT_"; } >> ${record}\nexec ${real} "$@"\n`;
      writeFileSync(join(bin, "git"), script, { mode: 0o755 });
      const github = "https://github.com/acme/infra";
      const before = (workspace: string) => {
        scene.repository.git("-C", workspace, "remote", "set-url", "origin", github);
        scene.repository.git("-C", workspace, "config", "http.https://github.com.sslVerify", "false");
        scene.repository.git("-C", workspace, "config", `url.${scene.repository.origin}.insteadOf`, github);
      };
      const hostile = {
        GIT_SSH_COMMAND: "evil",
        GIT_EXTERNAL_DIFF: "evil",
        GIT_DIR: "/evil",
        GIT_CONFIG_GLOBAL: "/evil",
        GIT_SSL_NO_VERIFY: "1",
        GIT_SSL_CAINFO: "/trusted.pem",
      };
      const env = { PATH: `${bin}:${process.env["PATH"]}`, ...hostile };
      const result = await scene.apply(sha, { before, env });
      expect([result.exitCode, result.outputs["status"]]).toEqual([0, "applied"]);
      const recorded = readFileSync(record, "utf8");
      const { bot } = scene.sandbox.github.tokens;
      const basic = Buffer.from(`x-access-token:${bot}`).toString("base64");
      const header = /GIT_CONFIG_KEY_(\d+)=http\.https:\/\/github\.com\/\.extraheader/.exec(recorded);
      expect(recorded).toContain(`GIT_CONFIG_VALUE_${header?.[1]}=AUTHORIZATION: basic ${basic}`);
      expect(recorded).not.toMatch(/evil|sslverify|NO_VERIFY/i);
      expect(recorded).toContain("=/trusted.pem\n");
      expect(recorded.match(/^argv .*$/gm)?.join("\n")).not.toContain(basic);
      expect(result.masks).toContain(basic);
      expect(everything(result)).not.toContain(basic);
    });

    test.concurrent("files that the plan's job made are not in git: held, which is said", async (context) => {
      const scene = await open(context, "otf");
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

    test.concurrent("a working directory of the workspace, and lines of the input ignore", async (context) => {
      const scene = await open(context, "otf");
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
