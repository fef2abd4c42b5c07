import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  environmentToken,
  hostOfTokenVariable,
  missingToken,
  tokenVariableOf,
  usableToken,
} from "../../src/config/credentials.ts";
import { parseHostname } from "../../src/config/hostname.ts";
import { failureOf } from "./module.ts";

describe("hostOfTokenVariable", () => {
  test.each([
    ["TF_TOKEN_app_terraform_io", "app.terraform.io"],
    ["TF_TOKEN_my__tfe_example_com", "my-tfe.example.com"],
    ["TF_TOKEN_APP_example_COM", "app.example.com"],
    ["TF_TOKEN_app.terraform.io", "app.terraform.io"],
    ["TF_TOKEN_my-tfe.example.com", "my-tfe.example.com"],
    ["TF_TOKEN_a____b_example_com", "a--b.example.com"],
    ["TF_TOKEN_xn____caf__dma_fr", "xn--caf-dma.fr"],
    ["TF_TOKEN_xn--caf-dma_fr", "xn--caf-dma.fr"],
    ["TF_TOKEN_xn--caf-dma.fr", "xn--caf-dma.fr"],
    ["TF_TOKEN_café_fr", "xn--caf-dma.fr"],
    ["TF_TOKEN_localhost:8443", "localhost:8443"],
    ["TF_TOKEN_localhost:443", "localhost"],
  ])("%s holds the token of %s", (name, host) => {
    expect(hostOfTokenVariable(name)).toBe(host);
  });

  test.each([
    "TF_TOKEN_",
    "TF_TOKEN",
    "tf_token_app_terraform_io",
    "XTF_TOKEN_app_terraform_io",
    "TF_TOKEN_app___io",
    "TF_TOKEN__app_io",
    "TF_TOKEN_https://app.terraform.io",
    "TF_TOKEN_localhost_8443:x",
    "TF_TOKEN_xn--a_fr",
    "TF_TOKEN_xn--_fr",
  ])("%s names no host", (name) => {
    expect(hostOfTokenVariable(name)).toBeUndefined();
  });

  test("host → variable → host is the identity", () => {
    const label = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,10}[a-z0-9])?$/);
    const unicode = fc.constantFrom("café", "испытание", "例え", "straße");
    const host = fc
      .array(fc.oneof(label, unicode), { minLength: 1, maxLength: 4 })
      .map((labels) => labels.join("."));
    fc.assert(
      fc.property(host, (given) => {
        const parsed = parseHostname(given);
        fc.pre("hostname" in parsed);
        const variable = tokenVariableOf(parsed.hostname);
        expect(variable).toMatch(/^TF_TOKEN_[a-z0-9_]+$/);
        expect(hostOfTokenVariable(variable ?? "")).toBe(parsed.hostname);
        expect(hostOfTokenVariable(`TF_TOKEN_${given}`)).toBe(parsed.hostname);
      }),
      { numRuns: 1000 },
    );
  });

  test("no variable name makes it throw", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (rest) => {
        const host = hostOfTokenVariable(`TF_TOKEN_${rest}`);
        if (host !== undefined) expect(host).toMatch(/^[a-z0-9.-]+(:[0-9]+)?$/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("environmentToken", () => {
  test("the last variable of a host counts, other hosts' do not", () => {
    const environment = {
      TF_TOKEN_app_example_com: "first",
      TF_TOKEN_other_example_com: "other",
      "TF_TOKEN_app.example.com": "last",
      TF_TOKEN_APP_EXAMPLE_COM: undefined,
      HOME: "/root",
    };
    expect(environmentToken("app.example.com", environment)).toEqual({
      token: "last",
      source: "TF_TOKEN_app.example.com",
    });
    expect(environmentToken("app.example.com:8443", environment)).toBeUndefined();
  });

  test("a variable that is set but empty is found, and empty", () => {
    const environment = { TF_TOKEN_a_example: "", TFE_TOKEN: "not read" };
    expect(environmentToken("a.example", environment)).toEqual({ token: "", source: "TF_TOKEN_a_example" });
  });
});

describe("usableToken", () => {
  test("visible ASCII can be sent", () => {
    const found = { token: "abc.atlasv1.XYZ-_~+/=", source: "the input token" };
    expect(usableToken(found)).toBe(found);
  });

  test.each([
    ["s3cret\n", "contains a newline"],
    ["s3cret\r\nX-Other: 1", "contains a newline"],
    ["Bearer s3cret", "contains a space"],
    ["s3cret\t", "contains a space"],
    ["s3cret\u0000", "contains control or non-ASCII characters"],
    ["s3cret\u007f", "contains control or non-ASCII characters"],
    ["s3crét", "contains control or non-ASCII characters"],
    ["s3cret\u00a0", "contains a space"],
  ])("%j is refused without being shown", async (token, problem) => {
    const failure = await failureOf(() => usableToken({ token, source: "TF_TOKEN_app_example_com" }));
    expect(failure.reason).toBe("credentials");
    expect(failure.message).toContain(`TF_TOKEN_app_example_com ${problem}`);
    expect(failure.message).not.toContain("s3cr");
  });
});

describe("missingToken", () => {
  test.each([
    ["my-tfe.example.com", undefined, "the environment variable TF_TOKEN_my__tfe_example_com"],
    ["a.example", "TF_TOKEN_a_example", "TF_TOKEN_a_example is set but empty"],
    ["localhost:8443", undefined, "no API token for localhost:8443"],
  ])("for %s it says what to set", (hostname, empty, expected) => {
    const failure = missingToken(hostname, empty);
    expect(failure.reason).toBe("credentials");
    expect(failure.message).toMatch(/^Required token could not be found: .*Set the input token/);
    expect(failure.message).toContain(expected);
  });

  test("a host with a port has no portable variable, so a credentials block is proposed", () => {
    const { message } = missingToken("localhost:8443");
    expect(message).not.toMatch(/environment variable/);
    expect(message).toContain("or add a credentials block for it to the CLI's configuration");
  });
});
