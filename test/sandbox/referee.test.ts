import { describe, expect, test } from "vitest";
import { binary, blocks, client, engine, withSandbox } from "./referee.ts";

describe.skipIf(binary === undefined).concurrent("the real CLI as client", () => {
  test.each([
    ["hcp", "remote"],
    ["hcp", "cloud"],
    ["otf", "remote"],
    ["otf", "cloud"],
  ] as const)(
    "%s server, %s block: init, plan, apply, no changes, output",
    async (profile, kind) => {
      await withSandbox({ profile, engine }, async (sandbox) => {
        sandbox.workspace("demo");
        const { cli } = client(sandbox, blocks[kind](sandbox));
        expect(await cli("init", "-input=false")).toMatchObject({ code: 0 });
        const plan = await cli("plan", "-input=false");
        expect(plan.output).toContain("Plan: 2 to add, 0 to change, 0 to destroy.");
        expect(plan.code).toBe(0);
        const apply = await cli("apply", "-input=false", "-auto-approve");
        expect(apply.output).toContain("Apply complete! Resources: 2 added, 0 changed, 0 destroyed.");
        expect(apply.code).toBe(0);
        expect((await cli("plan", "-input=false")).output).toContain("No changes.");
        expect((await cli("output", "-raw", "greeting")).stdout).toBe("hello");
        const statuses = sandbox.world.runs.map(({ status }) => status);
        expect(statuses).toEqual(["planned_and_finished", "applied", "planned_and_finished"]);
      });
    },
    60_000,
  );
});
