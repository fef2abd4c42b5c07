import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { parseHcl1 } from "../../src/config/cli-configuration/hcl1.ts";
import type { RunProgram } from "../../src/config/cli-configuration/helper.ts";
import { findHelper } from "../../src/config/cli-configuration/helper.ts";
import { loadCliConfiguration } from "../../src/config/cli-configuration/load.ts";
import type { Machine } from "../../src/config/cli-configuration/locations.ts";
import type { Environment } from "../../src/config/credentials.ts";
import { findAccess } from "../../src/config/token.ts";
import { Failure } from "../../src/failure.ts";

const HOST = "app.example.com";
const LINUX: Machine = { platform: "linux", arch: "x64" };

type Files = Readonly<Record<string, string>>;

/** A folder with these files, which `~` and `$…` in variables stand for. */
async function home(files: Files): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "home-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

const credentials = (token: string, host = HOST) => `credentials "${host}" {\n  token = "${token}"\n}\n`;
const json = (token: string, host = HOST) => JSON.stringify({ credentials: { [host]: { token } } });

async function load(files: Files, variables: Environment = {}, machine = LINUX) {
  const folder = await home(files);
  const written = Object.entries({ HOME: "~", ...variables });
  const environment = Object.fromEntries(written.map(([name, value]) => [name, value?.replace("~", folder)]));
  const loaded = await loadCliConfiguration(environment, machine, folder);
  const tokens = [...loaded.credentials].map(([host, { token }]) => [host, token]);
  return { ...loaded, tokens: Object.fromEntries(tokens), folder };
}

describe("which files are read", () => {
  const main = (token: string) => credentials(token);
  test.each<[string, Files, Environment, string | undefined]>([
    ["~/.tofurc", { ".tofurc": main("new"), ".terraformrc": main("old") }, {}, "new"],
    ["~/.terraformrc where there is no .tofurc", { ".terraformrc": main("old") }, {}, "old"],
    [
      "XDG where there is neither",
      { "xdg/opentofu/tofurc": main("xdg") },
      { XDG_CONFIG_HOME: "~/xdg" },
      "xdg",
    ],
    [
      "not XDG where there is one",
      { ".terraformrc": main("old"), "xdg/opentofu/tofurc": main("xdg") },
      { XDG_CONFIG_HOME: "~/xdg" },
      "old",
    ],
    ["~/.terraform.d/*.tfrc", { ".terraform.d/a.tfrc": main("dir") }, {}, "dir"],
    [
      "the directory over the main file",
      { ".tofurc": main("main"), ".terraform.d/credentials.tfrc.json": json("dir") },
      {},
      "dir",
    ],
    [
      "the later name over the earlier",
      { ".terraform.d/b.tfrc": main("b"), ".terraform.d/a.tfrc.json": json("a") },
      {},
      "b",
    ],
    [
      "only *.tfrc and *.tfrc.json",
      { ".terraform.d/a.hcl": main("a"), ".terraform.d/b.tfrc.txt": main("b") },
      {},
      undefined,
    ],
    [
      "the XDG directory where there is no ~/.terraform.d",
      { "xdg/opentofu/a.tfrc": main("xdg") },
      { XDG_CONFIG_HOME: "~/xdg" },
      "xdg",
    ],
    [
      "not the XDG directory where there is one",
      { "xdg/opentofu/a.tfrc": main("xdg"), ".terraform.d/other": "" },
      { XDG_CONFIG_HOME: "~/xdg" },
      undefined,
    ],
    [
      "only the file of TF_CLI_CONFIG_FILE",
      { ".tofurc": main("main"), ".terraform.d/a.tfrc": main("dir"), mine: main("mine") },
      { TF_CLI_CONFIG_FILE: "~/mine" },
      "mine",
    ],
    [
      "TF_CLI_CONFIG_FILE before TERRAFORM_CONFIG",
      { mine: main("mine"), yours: main("yours") },
      { TF_CLI_CONFIG_FILE: "~/mine", TERRAFORM_CONFIG: "~/yours" },
      "mine",
    ],
    [
      "TERRAFORM_CONFIG where the other is empty",
      { yours: main("yours"), ".tofurc": main("main") },
      { TF_CLI_CONFIG_FILE: "", TERRAFORM_CONFIG: "~/yours" },
      "yours",
    ],
    ["a relative path from the job's workspace", { mine: main("m") }, { TF_CLI_CONFIG_FILE: "mine" }, "m"],
  ])("%s", async (_, files, variables, token) => {
    const { tokens, problems } = await load(files, variables);
    expect(tokens).toEqual(token === undefined ? {} : { [HOST]: token });
    expect(problems).toEqual([]);
  });

  test.each([
    [{ "data/tofu.rc": main("new"), "data/terraform.rc": main("old") }, "new"],
    [{ "data/terraform.rc": main("old"), ".tofurc": main("unix") }, "old"],
    [{ "data/tofu.rc": main("main"), "data/terraform.d/a.tfrc": main("dir") }, "dir"],
  ])("on Windows, %j", async (files, token) => {
    const windows: Machine = { platform: "win32", arch: "x64" };
    expect((await load(files, { APPDATA: "~/data" }, windows)).tokens).toEqual({ [HOST]: token });
  });
});

describe("what is in them", () => {
  test.each<[string, string, Record<string, string | undefined>]>([
    ["as setup-opentofu writes it", `credentials "${HOST}" {\n  token = "t"\n}\n`, { [HOST]: "t" }],
    ["on one line", `credentials "${HOST}" { token = "t" }`, { [HOST]: "t" }],
    ["as an object", `credentials = { "${HOST}" = { token = "t", other = 1 } }`, { [HOST]: "t" }],
    ["with a quoted name", `credentials "${HOST}" { "token" = "t" }`, { [HOST]: "t" }],
    ["with comments", `# a\n// b\n/* c\n*/ credentials "${HOST}" { token = "t" } # d`, { [HOST]: "t" }],
    ["with Windows line ends", `credentials "${HOST}" {\r\n  token = "t"\r\n}\r\n`, { [HOST]: "t" }],
    ["with escapes", `credentials "${HOST}" { token = "\\"\\\\\\x41\\101\\u0041" }`, { [HOST]: '"\\AAA' }],
    ["in another case", `Credentials "App.Example.COM" { token = "t" }`, { [HOST]: "t" }],
    [
      "several hosts",
      `${credentials("a", "a.example")}${credentials("b", "b.example:8443")}`,
      { "a.example": "a", "b.example:8443": "b" },
    ],
    ["the last of two", `${credentials("a")}${credentials("b")}`, { [HOST]: "b" }],
    ["a block without a token", `credentials "${HOST}" {}`, { [HOST]: undefined }],
    ["a token that is no string", `credentials "${HOST}" { token = 12 }`, { [HOST]: undefined }],
    ["JSON, whatever its name", json("t"), { [HOST]: "t" }],
    ["JSON with a list", JSON.stringify({ credentials: [{ [HOST]: { token: "t" } }] }), { [HOST]: "t" }],
    ["JSON null", JSON.stringify({ credentials: { [HOST]: { token: null } } }), { [HOST]: "" }],
    [
      "beside everything else",
      `plugin_cache_dir = "$HOME/.cache"\nprovider_installation {\n  direct { exclude = ["a/*", "b/*",] }\n}\n${credentials("t")}`,
      { [HOST]: "t" },
    ],
    ["an international name", credentials("t", "Café.fr"), { "xn--caf-dma.fr": "t" }],
  ])("%s", async (_, text, expected) => {
    const { tokens, problems } = await load({ ".tofurc": text });
    expect({ tokens, problems }).toEqual({ tokens: expected, problems: [] });
  });

  test.each([
    ['credentials "a" {\n token = "x"\n', /line 3: a block is not closed/],
    ['credentials "a" {\n token = "x\n}', /line 2: a string is not closed/],
    ['credentials "a" = { token = "x" }', /line 1: an attribute/],
    ['credentials "a" {\n token = x\n}', /line 2: a value is missing/],
    ["{ not json", /line 1: it is not valid JSON/],
    ['credentials = "x"', /line 1: credentials is not a block/],
    ['credentials "https://a" { token = "x" }', /invalid hostname: need just a hostname/],
    ['credentials_helper "a" {}\ncredentials_helper "b" {}', /No more than one credentials_helper/],
    ['a = "\\q"', /invalid escape/],
    ["a = 1 ;", /a character is not allowed/],
  ])("%j is a problem that names the file, and no error", async (text, expected) => {
    const { problems, folder } = await load({ ".tofurc": text });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(expected);
    if (!/No more/.test(problems[0] ?? "")) expect(problems[0]).toContain(join(folder, ".tofurc"));
  });

  test("a named file that is missing, and one that cannot be read", async () => {
    const missing = await load({}, { TF_CLI_CONFIG_FILE: "~/none" });
    expect(missing.problems).toEqual([
      `The CLI configuration file ${join(missing.folder, "none")} (TF_CLI_CONFIG_FILE) does not exist.`,
    ]);
    const folder = await load({ "dir/file": "" }, { TF_CLI_CONFIG_FILE: "~/dir" });
    expect(folder.problems).toHaveLength(1);
  });

  test("hosts and a helper", async () => {
    const text = `host "${HOST}" {\n  services = {\n    "tfe.v2" = "https://other.example/api/"\n    "x.v1" = 5\n  }\n}\n
      credentials_helper "vault" { args = ["--path", "a b"] }`;
    const { services, helper } = await load({ ".tofurc": text });
    expect([...services]).toEqual([[HOST, { "tfe.v2": "https://other.example/api/" }]]);
    expect(helper).toMatchObject({ name: "vault", args: ["--path", "a b"] });
  });

  test("any text is read or a problem, never an exception", () => {
    const piece = fc.constantFrom(
      ...["credentials ", '"a.example"', "{", "}", "[", "]", "=", ",", "\n", "#", "/*", "*/", "<<E\n", "E\n"],
      ...['"', "\\", "token", "1", "-", "true", "${", "host", " ", "é", "\u0000"],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        try {
          parseHcl1(pieces.join(""));
        } catch (error) {
          expect(error).toMatchObject({ name: "Hcl1Error", line: expect.any(Number) });
        }
      }),
      { numRuns: 3000 },
    );
  });

  test("any token comes back as it was written", async () => {
    const token = fc.string({ unit: fc.constantFrom(..."ab\"\\\t'#/{}[],=% ") });
    await fc.assert(
      fc.property(token, (given) => {
        const [item] = parseHcl1(`credentials "a" { token = ${JSON.stringify(given)} }`);
        expect(item?.value).toMatchObject({ items: [{ keys: ["token"], value: { text: given } }] });
      }),
    );
  });
});

describe("a helper's program", () => {
  test.each<[string, string[], string | undefined]>([
    ["the plain name", ["a/terraform-credentials-vault"], "a/terraform-credentials-vault"],
    [
      "the newest",
      ["a/terraform-credentials-vault_v1.9.0", "b/terraform-credentials-vault_v1.10.0"],
      "b/terraform-credentials-vault_v1.10.0",
    ],
    [
      "of the same version the first folder's",
      ["b/terraform-credentials-vault", "a/terraform-credentials-vault"],
      "a/terraform-credentials-vault",
    ],
    ["for Windows", ["a/terraform-credentials-vault_v1.0.0.exe"], "a/terraform-credentials-vault_v1.0.0.exe"],
    ["no other", ["a/terraform-credentials-vaults", "a/terraform-provider-vault", "a/vault"], undefined],
    ["no folder", ["a/terraform-credentials-vault/file"], undefined],
  ])("%s", async (_, names, expected) => {
    const folder = await home(Object.fromEntries(names.map((name) => [name, ""])));
    const found = await findHelper(
      "vault",
      ["a", "b", "c"].map((name) => join(folder, name)),
    );
    expect(found).toBe(expected === undefined ? undefined : join(folder, expected));
  });
});

describe("the order of the sources", () => {
  const HELPER = 'credentials_helper "vault" { args = ["x"] }';
  const PROGRAM = { ".terraform.d/plugins/linux_amd64/terraform-credentials-vault": "" };
  type Answer = { exitCode?: number; stdout?: string; stderr?: string };

  async function access(
    files: Files,
    variables: Environment,
    more: { given?: string; helper?: Answer } = {},
  ) {
    const folder = await home(files);
    for (const name of Object.keys(PROGRAM)) if (name in files) await chmod(join(folder, name), 0o700);
    const masks: string[] = [];
    const warnings: string[] = [];
    const calls: string[][] = [];
    const run: RunProgram = async (program, args) => {
      calls.push([program.slice(folder.length + 1), ...args]);
      return { exitCode: 0, stdout: "{}", stderr: "", ...more.helper };
    };
    const request = {
      ...{ hostname: HOST, block: undefined, workspaceRoot: folder },
      ...(more.given !== undefined && { token: more.given }),
      environment: { HOME: folder, ...variables },
    };
    const around = { run, mask: (one: string) => masks.push(one), warn: (one: string) => warnings.push(one) };
    const found = await findAccess(request, around).catch((error: unknown) => {
      if (error instanceof Failure) return error;
      throw error;
    });
    return { found, masks, warnings, calls };
  }

  const all = { ".tofurc": `${credentials("file")}${HELPER}`, ...PROGRAM };
  const helper = { stdout: '{"token":"helped"}' };

  test.each<[string, Files, Environment, { given?: string; helper?: Answer }, object]>([
    [
      "the input",
      all,
      { TF_TOKEN_app_example_com: "env" },
      { given: "in", helper },
      { token: "in", source: "the input token" },
    ],
    ["the variable", all, { TF_TOKEN_app_example_com: "env" }, { helper }, { token: "env" }],
    [
      "the file",
      all,
      {},
      { helper },
      { token: "file", source: /^the credentials block for app.example.com in / },
    ],
    [
      "the helper",
      { ".tofurc": HELPER, ...PROGRAM },
      {},
      { helper },
      { token: "helped", source: "the credentials helper vault" },
    ],
  ])("%s", async (_, files, variables, more, expected) => {
    const { found, masks } = await access(files, variables, more);
    for (const [name, value] of Object.entries(expected))
      expect(found).toHaveProperty(name, value instanceof RegExp ? expect.stringMatching(value) : value);
    expect(masks).toContain("token" in found ? found.token : "");
    if (".tofurc" in files && files[".tofurc"]?.includes("file")) expect(masks).toContain("file");
  });

  test("the tokens of other hosts are masked, too", async () => {
    const variables = { TF_TOKEN_other_example: "of-another", TF_TOKEN_app_example_com: "env" };
    expect((await access({}, variables)).masks).toEqual(expect.arrayContaining(["of-another", "env"]));
  });

  test("the helper is asked as the CLI asks it", async () => {
    const { calls } = await access({ ".tofurc": HELPER, ...PROGRAM }, {}, { helper });
    if (process.platform === "linux" && process.arch === "x64")
      expect(calls).toEqual([[Object.keys(PROGRAM)[0], "x", "get", HOST]]);
  });

  test.each<[string, Files, Environment, Answer, RegExp]>([
    [
      "no source",
      {},
      {},
      {},
      /^Required token could not be found: there is no API token for app.example.com\. Set/,
    ],
    [
      "an empty variable",
      all,
      { TF_TOKEN_app_example_com: "" },
      helper,
      /TF_TOKEN_app_example_com is set but empty/,
    ],
    [
      "a block without a token",
      { ...all, ".tofurc": `credentials "${HOST}" {}\n${HELPER}` },
      {},
      helper,
      /credentials block for app.example.com in .*\.tofurc has no token, which ends the search/,
    ],
    ["an empty token", { ...all, ".tofurc": `${credentials("")}${HELPER}` }, {}, helper, /has no token/],
    ["a helper without one", { ".tofurc": HELPER, ...PROGRAM }, {}, {}, /helper "vault" .* has no token for/],
    [
      "a helper that fails",
      { ".tofurc": HELPER, ...PROGRAM },
      {},
      { exitCode: 3, stderr: "\u001b[31msealed\u001b[0m\n::error::x" },
      /gave no token: .*terraform-credentials-vault failed \(exit code 3\): sealed ::error::x\./,
    ],
    [
      "a helper that babbles",
      { ".tofurc": HELPER, ...PROGRAM },
      {},
      { stdout: "hello" },
      /output of .* is not a JSON object/,
    ],
    [
      "a helper that is not there",
      { ".tofurc": HELPER },
      {},
      helper,
      /no file terraform-credentials-vault in /,
    ],
    [
      "a broken file",
      { ".tofurc": "x" },
      {},
      {},
      /The CLI configuration file .*\.tofurc cannot be read: line 1/,
    ],
  ])("%s: none", async (_, files, variables, answer, expected) => {
    const { found } = await access(files, variables, { helper: answer });
    expect(found).toBeInstanceOf(Failure);
    expect(found).toHaveProperty("reason", "credentials");
    expect(found).toHaveProperty("message", expect.stringMatching(expected));
  });

  test("what is wrong with the files is a warning where the token comes from elsewhere", async () => {
    const { found, warnings } = await access({ ".tofurc": "x" }, { TF_TOKEN_app_example_com: "env" });
    expect(found).toHaveProperty("token", "env");
    expect(warnings).toEqual([expect.stringContaining("cannot be read")]);
  });
});
