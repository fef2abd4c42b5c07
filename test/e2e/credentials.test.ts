import { chmodSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { everything, makeScene, type Scene, scripted, write } from "./scene.ts";

let scene: Scene;
beforeEach(async () => {
  scene = await makeScene();
  scene.sandbox.script("demo", scripted(["Plan: 1 to add, 0 to change, 0 to destroy."]));
});
afterEach(() => scene.sandbox.close());

const HELPER = `#!/bin/sh
case "$*" in *secret*) exit 9;; esac
test -z "$INPUT_TOKEN$INPUT_GITHUB_TOKEN$GITHUB_OUTPUT$GITHUB_ENV$GITHUB_PATH$GITHUB_STATE" && printf '{"token":"%s"}' "$HELD_FOR"
`;

const blocks = {
  credentials: ({ sandbox }: Scene) =>
    `credentials "${sandbox.hostname}" {\n  token = "${sandbox.token}"\n}\ncredentials "other.example" {\n  token = "of-somebody-else"\n}\n`,
  helper: () => 'credentials_helper "demo" {\n  args = ["--quiet"]\n}\n',
  host: ({ sandbox }: Scene) =>
    `host "${sandbox.hostname}" {\n  services = { "tfe.v2" = "${sandbox.url}/api/v2/" }\n}\n`,
};

function configure(text: string): string {
  const home = join(scene.checkout, "..", `${scene.checkout.split("/").at(-1)}-home`);
  const program = ".terraform.d/plugins/terraform-credentials-demo";
  write(home, { ".tofurc": text, [program]: HELPER });
  chmodSync(join(home, program), 0o700);
  return home;
}

test("the token of a credentials block is used, masked and nowhere shown", async () => {
  const HOME = configure(blocks.credentials(scene));
  const result = await scene.run({ inputs: { token: "" }, env: { HOME } });
  expect(result.outputs["status"]).toBe("planned");
  expect(result.masks).toEqual(expect.arrayContaining([scene.sandbox.token, "of-somebody-else"]));
  expect(result.stdout.indexOf(scene.sandbox.token)).toBe(
    result.stdout.indexOf(`::add-mask::${scene.sandbox.token}`) + "::add-mask::".length,
  );
  expect(everything(result)).not.toContain(scene.sandbox.token);
});

test.skipIf(process.platform === "win32")(
  "a helper is run, without the inputs and the files of the step",
  async () => {
    const HOME = configure(blocks.helper());
    const env = { HOME, HELD_FOR: scene.sandbox.token };
    const result = await scene.run({ inputs: { token: "" }, env });
    expect(result.outputs["status"]).toBe("planned");
    expect(result.masks).toContain(scene.sandbox.token);
    expect(everything(result)).not.toContain(scene.sandbox.token);
  },
);

test.skipIf(process.platform === "win32")("a helper that hangs ends with the step's timeout", async () => {
  const HOME = configure(blocks.helper());
  write(HOME, { ".terraform.d/plugins/terraform-credentials-demo": "#!/bin/sh\nexec sleep 60\n" });
  const result = await scene.run({ inputs: { token: "", timeout: "1s" }, env: { HOME } });
  expect([result.exitCode, result.outputs["failure-reason"]]).toEqual([1, "timeout"]);
});

test("a host block takes the place of the discovery document", async () => {
  const HOME = configure(blocks.host(scene));
  const result = await scene.run({ env: { HOME } });
  expect(result.outputs["status"]).toBe("planned");
  expect(scene.sandbox.requests.map(({ path }) => path)).not.toContain("/.well-known/terraform.json");
});

test("a file that is named and missing is a warning, and the reason why there is no token", async () => {
  const env = { TF_CLI_CONFIG_FILE: "none.tfrc" };
  const result = await scene.run({ inputs: { token: "" }, env });
  expect(result.outputs["failure-reason"]).toBe("credentials");
  expect(result.annotations.map(({ level, message }) => [level, message])).toEqual([
    ["warning", expect.stringMatching(/none\.tfrc \(TF_CLI_CONFIG_FILE\) does not exist/)],
    ["error", expect.stringMatching(/Required token could not be found.*none\.tfrc/s)],
  ]);
  expect(scene.sandbox.requests.filter(({ server }) => server === "tfe")).toEqual([]);
});
