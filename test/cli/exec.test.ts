import { createHash } from "node:crypto";
import { mkdtempSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Program, runProgram } from "../../src/cli/exec.ts";
import { Failure } from "../../src/failure.ts";

const never = new AbortController().signal;

/** Runs a script of Node and collects what it writes. */
async function runScript(source: string, more: Partial<Program> = {}) {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "exec dir-")));
  const script = join(directory, "script.mjs");
  writeFileSync(script, source);
  const written = { stdout: "", stderr: "" };
  const ended = await runProgram({
    file: process.execPath,
    directory,
    environment: { PATH: process.env["PATH"] },
    signal: never,
    onStdout: (bytes) => {
      written.stdout += Buffer.from(bytes).toString("utf8");
    },
    onStderr: (bytes) => {
      written.stderr += Buffer.from(bytes).toString("utf8");
    },
    ...more,
    arguments: [script, ...(more.arguments ?? [])],
  });
  return { ...ended, ...written, directory };
}

test("arguments arrive as given, no shell sees them", async () => {
  const given = ["a b", "$HOME", "`id`", '"q"', "it's", 'x["k"]', "*", "", "-var=n=$x", "ä\\"];
  const { stdout } = await runScript("process.stdout.write(JSON.stringify(process.argv.slice(2)))", {
    arguments: given,
  });
  expect(JSON.parse(stdout)).toEqual(given);
});

test("standard input is what was given, and closed behind it", async () => {
  const echo = 'let t = ""; for await (const c of process.stdin) t += c; process.stdout.write("<" + t + ">")';
  expect((await runScript(echo, { stdin: "1 + 1\n" })).stdout).toBe("<1 + 1\n>");
  expect((await runScript(echo)).stdout).toBe("<>");
});

test("a program that ends without reading its input is no error", async () => {
  expect(await runScript("process.exit(0)", { stdin: "x".repeat(1_000_000) })).toMatchObject({ code: 0 });
});

test.each([0, 1, 2, 77])("exit code %i is kept, stdout and stderr apart", async (code) => {
  const source = `process.stdout.write("out"); process.stderr.write("err"); process.exitCode = ${code}`;
  expect(await runScript(source)).toMatchObject({ code, stdout: "out", stderr: "err", interrupted: false });
});

test("its environment is exactly what was given, its directory too", async () => {
  const source =
    "process.stdout.write(JSON.stringify([process.cwd(), process.env.ONE, process.env.TWO, process.env.HOME]))";
  const { stdout, directory } = await runScript(source, { environment: { ONE: "1", TWO: undefined } });
  expect(JSON.parse(stdout)).toEqual([directory, "1", null, null]);
});

test("an interruption arrives as SIGINT and its end is waited for", async () => {
  const controller = new AbortController();
  const source = `
    process.on("SIGINT", () => setTimeout(() => { process.stdout.write("unlocked"); process.exit(1); }, 50));
    setInterval(() => {}, 1000); process.stdout.write("ready ");`;
  const ended = await runScript(source, {
    signal: controller.signal,
    onStderr: () => undefined,
    stdin: "",
    onStdout: collect(controller),
  });
  expect(ended).toMatchObject({ code: 1, interrupted: true });
  expect(collected).toBe("ready unlocked");
});

let collected = "";
/** Interrupts at the first output. */
function collect(controller: AbortController): (bytes: Uint8Array) => void {
  collected = "";
  return (bytes) => {
    collected += Buffer.from(bytes).toString("utf8");
    controller.abort(new Failure("interrupted", "canceled"));
  };
}

test("what does not end is killed after the patience", async () => {
  const controller = new AbortController();
  const source = `process.on("SIGINT", () => {}); setInterval(() => {}, 1000); process.stdout.write("ready");`;
  const ended = await runScript(source, {
    signal: controller.signal,
    patienceMs: 100,
    onStdout: collect(controller),
  });
  expect(ended).toMatchObject({ code: -1, interrupted: true });
});

test("an aborted signal starts nothing; what cannot be started says so", async () => {
  const reason = new Failure("timeout", "too long");
  await expect(runScript("", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  await expect(runScript("", { file: "/nonexistent/tofu" })).rejects.toMatchObject({ reason: "internal" });
});

test("every byte arrives once and in order, however long the line", async () => {
  const source = `for (let n = 0; n < 200_000; n++) process.stdout.write(String(n % 10).repeat(n % 7))`;
  const received = createHash("sha256");
  await runScript(source, { onStdout: (bytes) => received.update(bytes) });
  const expected = createHash("sha256");
  for (let n = 0; n < 200_000; n++) expected.update(String(n % 10).repeat(n % 7));
  expect(received.digest("hex")).toBe(expected.digest("hex"));
});
