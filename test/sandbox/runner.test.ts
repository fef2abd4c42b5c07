import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { runAction, startAction } from "./runner.ts";
import { parseWorkflowCommand, shownLine } from "./workflow-commands.ts";

const sandbox = {
  caFile: "/nowhere/ca.pem",
  github: { url: "https://localhost:1", tokens: { bot: "gh-bot" } },
};

function script(source: string): string {
  const file = path.join(mkdtempSync(path.join(tmpdir(), "action-")), "index.mjs");
  writeFileSync(file, `import fs from "node:fs";\n${source}`);
  return file;
}

describe("the runner", () => {
  test("hands over inputs, event, files and state, and reads back what the step wrote", async () => {
    const main = script(`
      const event = JSON.parse(fs.readFileSync(process.env.GITHUB_EVENT_PATH, "utf8"));
      fs.appendFileSync(process.env.GITHUB_OUTPUT, "status=planned\\nrun-url<<EOF_1\\nline 1\\nline 2\\nEOF_1\\n");
      fs.appendFileSync(process.env.GITHUB_STATE, "run=" + process.env["INPUT_WORKING-DIRECTORY"] + "\\n");
      fs.appendFileSync(process.env.GITHUB_STEP_SUMMARY, "# " + event.number);
      console.log("::add-mask::s3cret");
      console.log("::error file=a.tf,line=3::broken%0Ahere");
      process.exitCode = 3;`);
    const result = await runAction({
      script: main,
      sandbox,
      inputs: { "working-directory": "infra" },
      event: { name: "pull_request", payload: { number: 7 } },
    });
    expect(result).toMatchObject({
      exitCode: 3,
      outputs: { status: "planned", "run-url": "line 1\nline 2" },
      state: { run: "infra" },
      summary: "# 7",
      masks: ["s3cret"],
      annotations: [{ level: "error", message: "broken\nhere", properties: { file: "a.tf", line: "3" } }],
    });
    const post = script("console.log(process.env.STATE_run, process.env.NODE_EXTRA_CA_CERTS);");
    const ended = await runAction({ script: post, sandbox, inputs: {}, state: result.state });
    expect(ended.stdout).toBe("infra /nowhere/ca.pem\n");
  });

  test("passes a signal to the process alone and tells how it ended", async () => {
    const running = startAction({
      script: script(`
        process.on("SIGINT", () => { console.log("interrupted"); clearInterval(timer); process.exitCode = 130; });
        const timer = setInterval(() => {}, 1000);
        console.log("ready");`),
      sandbox,
      inputs: {},
    });
    await running.waitFor("ready");
    running.kill("SIGINT");
    const result = await running.result;
    expect(result).toMatchObject({ exitCode: 130, signal: null, stdout: "ready\ninterrupted\n" });
  });

  test("refuses an output file the runner would refuse", async () => {
    const broken = script('fs.appendFileSync(process.env.GITHUB_OUTPUT, "a<<E\\nnever ends\\n");');
    await expect(runAction({ script: broken, sandbox, inputs: {} })).rejects.toThrow("delimiter E");
  });
});

describe("workflow commands", () => {
  test.each([
    ["plain text", undefined],
    ["::group::Plan", { name: "group", properties: {}, value: "Plan" }],
    [
      "  ::warning title=a%2Cb,line=2::100%25",
      { name: "warning", properties: { title: "a,b", line: "2" }, value: "100%" },
    ],
  ])("%s", (line, command) => {
    expect(parseWorkflowCommand(line)).toEqual(command);
  });

  test.each([
    ["::group::Plan", "▼ Plan"],
    ["::error::it is s3cret", "Error: it is ***"],
    ["::add-mask::s3cret", undefined],
    ["hello s3cret", "hello ***"],
  ])("%s is shown as %s", (line, shown) => {
    expect(shownLine(line, ["s3cret"])).toBe(shown);
  });
});
