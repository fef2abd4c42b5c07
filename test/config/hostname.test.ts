import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseHostname } from "../../src/config/hostname.ts";

describe("parseHostname", () => {
  test.each([
    ["app.terraform.io", "app.terraform.io"],
    ["App.Example.COM", "app.example.com"],
    ["localhost", "localhost"],
    ["127.0.0.1:8443", "127.0.0.1:8443"],
    ["127.1", "127.1"],
    ["example.com:443", "example.com"],
    ["example.com:0443", "example.com"],
    ["example.com:08080", "example.com:8080"],
    ["example.com:65535", "example.com:65535"],
    ["example.com.", "example.com."],
    ["http", "http"],
    ["http:8080", "http:8080"],
    ["café.fr", "xn--caf-dma.fr"],
    ["CAFÉ.fr:8443", "xn--caf-dma.fr:8443"],
    ["Испытание.com", "xn--80akhbyknj4f.com"],
    ["straße.de", "xn--strae-oqa.de"],
    ["ｅｘａｍｐｌｅ.com", "example.com"],
    ["a--b.example", "a--b.example"],
  ])("%s is compared as %s", (given, hostname) => {
    expect(parseHostname(given)).toEqual({ hostname });
  });

  test.each([
    ["", "empty string is not a valid hostname"],
    [":8080", "empty string is not a valid hostname"],
    ["https://app.terraform.io", "need just a hostname and optional port number, not a full URL"],
    ["http://localhost:8080/", "need just a hostname and optional port number, not a full URL"],
    ["app.terraform.io/acme", "need just a hostname and optional port number, not a full URL"],
    ["//app.terraform.io", "need just a hostname and optional port number, not a full URL"],
    ["example.com:", "port portion contains non-digit characters"],
    ["example.com:https", "port portion contains non-digit characters"],
    ["example.com:-1", "port portion contains non-digit characters"],
    ["[::1]:8443", "port portion contains non-digit characters"],
    ["example.com:65536", "port number is greater than 65535"],
    ["example.com:99999999999999999999", "port number is greater than 65535"],
    ["a..b", "hostname contains empty label (two consecutive periods)"],
    [".example.com", "hostname contains empty label (two consecutive periods)"],
    ["example.com..", "hostname contains empty label (two consecutive periods)"],
    [".", "hostname contains empty label (two consecutive periods)"],
    [
      "xn--caf-dma.fr",
      'hostname label "xn--caf-dma" specified in punycode format; service hostnames must be given in unicode',
    ],
    [
      "www.XN--caf-dma.fr",
      'hostname label "XN--caf-dma" specified in punycode format; service hostnames must be given in unicode',
    ],
  ])("%j is refused: %s", (given, error) => {
    expect(parseHostname(given)).toEqual({ error });
  });

  test.each([
    "exa mple.com",
    " example.com",
    "example.com\n",
    "user@example.com",
    "my_host.example.com",
    "ex%41mple.com",
    "example.com?x",
    "example.com#x",
    "a\\b",
    "a\0b",
    "-a.example.com",
    "a-.example.com",
    "ab--c.example.com",
    "é％.com",
    "é＿a.com",
    "é\u0000.com",
    "é b.com",
    "\u00ad.com",
  ])("%j holds what a host's name cannot hold", (given) => {
    expect(parseHostname(given)).toEqual({
      error: "hostname contains characters that are not allowed in a host's name",
    });
  });

  test("whatever is given, the result is an ASCII host that a URL takes as it is, or an error", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: fc.constantFrom(..."aZ9-._:/é。ß\u00ad xn".split("")) }),
      fc.webAuthority({ withPort: true }),
    );
    fc.assert(
      fc.property(text, (given) => {
        const parsed = parseHostname(given);
        if ("error" in parsed) expect(parsed.error).not.toBe("");
        else expect(parsed.hostname).toMatch(/^[a-z0-9.-]+(:(?!443$)[0-9]{1,5})?$/);
      }),
      { numRuns: 3000 },
    );
  });

  test("the comparison form of an ASCII host is its own comparison form", () => {
    fc.assert(
      fc.property(fc.domain(), fc.option(fc.integer({ min: 1, max: 65535 })), (domain, port) => {
        const parsed = parseHostname(port === null ? domain : `${domain}:${port}`);
        if ("error" in parsed) expect(domain).toMatch(/^(.*\.)?..--/);
        else {
          expect(parseHostname(parsed.hostname)).toEqual(parsed);
          expect(parsed.hostname.split(":")[0]).toBe(domain.toLowerCase());
        }
      }),
    );
  });
});
