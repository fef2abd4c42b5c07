import { expect, test } from "vitest";
import { cliEnvironment } from "../../src/cli/environment.ts";

test("inputs, outputs and state of the step stay outside; what providers need goes on", () => {
  const environment = cliEnvironment(
    {
      PATH: "/bin",
      INPUT_TOKEN: "secret",
      "INPUT_GITHUB-TOKEN": "secret",
      STATE_X: "1",
      GITHUB_OUTPUT: "/o",
      GITHUB_ENV: "/e",
      GITHUB_PATH: "/p",
      GITHUB_STATE: "/s",
      GITHUB_STEP_SUMMARY: "/m",
      GITHUB_TOKEN: "for the provider",
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "for the provider",
      AWS_REGION: "eu-central-1",
      TF_VAR_a: "1",
    },
    {},
  );
  expect(environment).toEqual({
    PATH: "/bin",
    GITHUB_TOKEN: "for the provider",
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: "for the provider",
    AWS_REGION: "eu-central-1",
    TF_VAR_a: "1",
    TF_IN_AUTOMATION: "true",
    TF_INPUT: "0",
  });
});

test("the token of this step replaces every other of its host", () => {
  const environment = cliEnvironment(
    { TF_TOKEN_app_example_com: "old", "TF_TOKEN_APP.example.com": "older", TF_TOKEN_other_com: "kept" },
    {
      token: {
        variable: "TF_TOKEN_app_example_com",
        value: "new",
        instead: ["TF_TOKEN_app_example_com", "TF_TOKEN_APP.example.com"],
      },
    },
  );
  expect(environment).toMatchObject({ TF_TOKEN_app_example_com: "new", TF_TOKEN_other_com: "kept" });
  expect(environment).not.toHaveProperty(["TF_TOKEN_APP.example.com"]);
});

test.each([
  [{ NODE_EXTRA_CA_CERTS: "/ca.pem" }, "/ca.pem"],
  [{ NODE_EXTRA_CA_CERTS: "/ca.pem", SSL_CERT_FILE: "/own.pem" }, "/own.pem"],
  [{}, undefined],
])("certificates of %j: %s", (given, file) => {
  expect(cliEnvironment(given, {})["SSL_CERT_FILE"]).toBe(file);
});

test("a workspace is said, also that none is", () => {
  expect(cliEnvironment({ TF_WORKSPACE: "a" }, {})).toMatchObject({ TF_WORKSPACE: "a" });
  expect(cliEnvironment({ TF_WORKSPACE: "a" }, { workspace: "b" })).toMatchObject({ TF_WORKSPACE: "b" });
  expect(cliEnvironment({ TF_WORKSPACE: "a" }, { workspace: "" })["TF_WORKSPACE"]).toBeUndefined();
});
