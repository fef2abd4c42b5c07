import { describe, expect, test } from "vitest";
import { binary, blocks, client, engine, withSandbox } from "./referee.ts";

describe.skipIf(binary === undefined).concurrent("the real CLI as client", () => {
  test("terrakube server, remote block: plan and apply, whatever its statuses say", async () => {
    await withSandbox({ profile: "terrakube", engine }, async (sandbox) => {
      sandbox.workspace("demo");
      const { cli } = client(sandbox, blocks.remote(sandbox));
      expect(await cli("init", "-input=false")).toMatchObject({ code: 0 });
      expect((await cli("plan", "-input=false")).output).toContain("/runs/run-1");
      expect((await cli("apply", "-input=false", "-auto-approve")).code).toBe(0);
      expect(sandbox.world.runs.map(({ status }) => status)).toEqual(["planned_and_finished", "applied"]);
    });
  }, 60_000);

  test("cost estimate and policy checks are understood", async () => {
    await withSandbox({ engine }, async (sandbox) => {
      sandbox.workspace("demo", {
        costEstimate: {
          status: "finished",
          prior: "1.0",
          proposed: "3.5",
          delta: "2.5",
          matched: 1,
          total: 2,
        },
        policyChecks: [{ status: "soft_failed", output: "Result: false" }],
      });
      const { cli } = client(sandbox, blocks.remote(sandbox));
      await cli("init", "-input=false");
      const plan = await cli("plan", "-input=false");
      expect(plan.output).toContain("Resources: 1 of 2 estimated");
      expect(plan.output).toContain("$3.5/mo +$2.5");
      expect(plan.output).toContain("Organization policy check soft failed.");
      expect(plan.code).toBe(1);
      expect(sandbox.world.runs[0]?.status).toBe("policy_soft_failed");
    });
  }, 60_000);

  test("task stages are understood", async () => {
    await withSandbox({ engine }, async (sandbox) => {
      const task = {
        name: "scan",
        status: "passed",
        message: "nothing found",
        enforcement: "mandatory",
      } as const;
      sandbox.workspace("demo", { taskStages: [{ stage: "post_plan", status: "passed", tasks: [task] }] });
      const { cli } = client(sandbox, blocks.cloud(sandbox));
      await cli("init", "-input=false");
      const plan = await cli("plan", "-input=false");
      expect(plan.output).toContain("Post-plan Tasks");
      expect(plan.output).toMatch(/scan.*Passed/u);
      expect(plan.code).toBe(0);
    });
  }, 60_000);

  test("structured run output is rendered by the cloud block from the redacted plan", async () => {
    await withSandbox({ engine }, async (sandbox) => {
      sandbox.workspace("demo", { structuredRunOutput: true });
      const { cli } = client(sandbox, blocks.cloud(sandbox));
      await cli("init", "-input=false");
      const plan = await cli("plan", "-input=false");
      expect(plan.output).toContain("# terraform_data.one will be created");
      expect(plan.output).not.toContain("top-secret-value");
      expect(sandbox.requests.some(({ path: url }) => url.includes("json-output-redacted"))).toBe(true);
    });
  }, 60_000);

  test("a prefix lists and makes workspaces, state commands lock them", async () => {
    await withSandbox({ engine }, async (sandbox) => {
      sandbox.workspace("net-prod");
      const block = blocks.remote(sandbox).replace('name = "demo"', 'prefix = "net-"');
      const { cli } = client(sandbox, block);
      expect((await cli("init", "-input=false")).output).toContain("successfully initialized");
      expect((await cli("workspace", "new", "dev")).output).toContain("dev");
      expect(sandbox.workspace("net-dev").states).toEqual([]);
      await cli("apply", "-input=false", "-auto-approve");
      const moved = await cli("state", "mv", "terraform_data.one", "terraform_data.uno");
      expect(moved.output).toContain("Successfully moved 1 object(s).");
      expect(sandbox.workspace("net-dev").states.at(-1)?.json).toContain('"uno"');
      expect(sandbox.workspace("net-dev").lockedBy).toBeUndefined();
    });
  }, 60_000);
});
