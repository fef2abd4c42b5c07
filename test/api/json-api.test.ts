import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { answerText, errorTexts, quotable } from "../../src/api/answer-text.ts";
import { chooseService } from "../../src/api/discovery.ts";
import { factsOf } from "../../src/api/facts.ts";
import {
  parseApiBody,
  readIncluded,
  readMany,
  readOne,
  relatedId,
  relatedIds,
} from "../../src/api/json-api.ts";
import { fillPath } from "../../src/api/path.ts";
import { Failure } from "../../src/failure.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** Documents near the real ones, so that decoding gets past the first check. */
const member = fc.oneof(fc.jsonValue(), fc.constant(null));
const resource = fc.oneof(
  fc.jsonValue(),
  fc.record({
    type: fc.constantFrom("runs", "plans", 3, null),
    id: fc.oneof(fc.constantFrom("run-1", "", 7, 1.5, null), fc.jsonValue()),
    attributes: member,
    relationships: fc.oneof(
      member,
      fc.record({ plan: member, plans: fc.record({ data: fc.array(member) }) }),
    ),
  }),
);
const document = fc.record(
  {
    data: fc.oneof(resource, fc.array(resource)),
    included: fc.oneof(member, fc.array(resource)),
    meta: member,
    errors: member,
  },
  { requiredKeys: [] },
);

describe("arbitrary JSON", () => {
  test("is decoded or refused with a Failure, never anything else", () => {
    fc.assert(
      fc.property(document, (value) => {
        const parsed = parseApiBody("application/json", bytes(JSON.stringify(value))) ?? {};
        for (const read of [
          () => readOne(parsed, { type: "runs" }),
          () => readOne(parsed, { type: "runs", id: "run-1" }),
          () => readMany(parsed, "runs").resources[0],
          () => readIncluded(parsed, "runs")[0],
        ]) {
          try {
            const found = read();
            if (found === undefined) continue;
            expect(typeof found.id).toBe("string");
            expect(found.type).toBe("runs");
            expect(typeof relatedId(found, "plan")).toMatch(/string|undefined/);
            for (const id of relatedIds(found, "plans")) expect(typeof id).toBe("string");
          } catch (error) {
            expect(error).toBeInstanceOf(Failure);
          }
        }
        expect(typeof errorTexts(parsed)).toBe("string");
      }),
      { numRuns: 2_000 },
    );
  });

  test("as a discovery document gives a base on the configured host or a Failure", () => {
    const value = fc.oneof(
      fc.webUrl(),
      fc.constantFrom("/api/v2/", "//evil.example/api", "http://h.example/", "https://a:b@h.example/"),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom("tfe.v2", "tfe.v2.1", "x.v1", "__proto__"), value),
        (document) => {
          try {
            const base = chooseService(
              "h.example",
              JSON.parse(JSON.stringify(document)),
              new URL("https://h.example/x"),
            );
            expect([base.protocol, base.host, base.pathname.endsWith("/")]).toEqual([
              "https:",
              "h.example",
              true,
            ]);
          } catch (error) {
            expect(error).toBeInstanceOf(Failure);
          }
        },
      ),
    );
  });
});

describe("the shape of a document", () => {
  const run = { type: "runs", id: "run-1", attributes: { status: "planned" } };
  test.each([
    ["no data", {}, /data is not a resource object/],
    ["another type", { data: { ...run, type: "plans" } }, /data.type is "plans" instead of "runs"/],
    ["no id", { data: { ...run, id: "" } }, /data.id is ""/],
    ["a list", { data: [run] }, /data is not a resource object/],
    ["another id", { data: { ...run, id: "run-2" } }, /data.id is "run-2", but "run-1" was asked for/],
  ])("%s is refused", (_name, value, message) => {
    expect(() => readOne(value, { type: "runs", id: "run-1" })).toThrow(message);
  });

  test("an integer id is taken as its digits", () => {
    expect(readOne({ data: { type: "plans", id: 12 } }, { type: "plans", id: "12" }).id).toBe("12");
  });

  test("the next page is told by meta.pagination, and without it there is none", () => {
    expect(readMany({ data: [run], meta: { pagination: { "next-page": 2 } } }, "runs").nextPage).toBe(2);
    expect(
      readMany({ data: [run], meta: { pagination: { "next-page": null } } }, "runs").nextPage,
    ).toBeUndefined();
    expect(readMany({ data: [], currentPage: 1, totalPages: 9 }, "runs").nextPage).toBeUndefined();
  });

  test.each([
    ["application/vnd.api+json; charset=utf-8", true],
    ["application/json", true],
    [undefined, true],
    ["text/html", false],
    ["text/plain", false],
  ])("content type %s", (contentType, expected) => {
    expect(parseApiBody(contentType, bytes("{}")) !== undefined).toBe(expected);
  });

  test.each(["", "null", "[]", "12", "{", "<html>"])("body %j is no document", (text) => {
    expect(parseApiBody("application/json", bytes(text))).toBeUndefined();
  });
});

describe("ids in paths", () => {
  test("an id stays in its segment or is refused", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string({ unit: "binary" }),
          fc.constantFrom("..", ".", "../../users/me", "a/b", "a\\b", "%2e%2e", "\ud800", "a?b#c"),
        ),
        (id) => {
          let path: string;
          try {
            path = fillPath("runs/:id/actions/cancel", { id });
          } catch (error) {
            expect(error).toBeInstanceOf(Failure);
            return;
          }
          const url = new URL(path, "https://h.example/api/v2/");
          expect(url.pathname.split("/").length).toBe("/api/v2/runs/x/actions/cancel".split("/").length);
          expect(url.pathname.startsWith("/api/v2/runs/")).toBe(true);
          expect(url.pathname.endsWith("/actions/cancel")).toBe(true);
          expect([url.host, url.search, url.hash]).toEqual(["h.example", "", ""]);
          expect(decodeURIComponent(url.pathname.split("/")[4] ?? "")).toBe(id);
        },
      ),
    );
  });

  test.each(["", ".", "..", "../x", "a/b", "a\u0000b"])("%j is refused", (id) => {
    expect(() => fillPath("runs/:id", { id })).toThrow(Failure);
  });
});

describe("foreign text in our sentences", () => {
  test("has no control character, no tag, no secret, and a length", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 600 }), fc.boolean(), (text, asHtml) => {
        const contentType = asHtml ? "text/html" : "text/plain";
        const shown = answerText({ contentType, bytes: bytes(`${text}<b>s3cret-token</b>${text}`) }, [
          "s3cret-token",
        ]);
        expect(shown.length).toBeLessThanOrEqual(230);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}<>]/u);
        expect(shown).not.toContain("s3cret-token");
      }),
    );
  });

  test.each([
    [
      "a sign-in page",
      "text/html",
      "<html><head><title>Sign in</title></head>",
      'an HTML page titled "Sign in"',
    ],
    ["a page without a title", "text/html", "<html><body><h1>x</h1></body></html>", "an HTML page"],
    [
      "a page without a type",
      undefined,
      "<!DOCTYPE html><title>Portal</title>",
      'an HTML page titled "Portal"',
    ],
    ["plain text", "text/plain", "invalid JWT\n", "invalid JWT"],
    [
      "errors",
      "application/vnd.api+json",
      '{"errors":[{"status":"422","title":"invalid attribute","detail":"Name is taken"},{"title":"b"}]}',
      "invalid attribute: Name is taken; b",
    ],
    [
      "errors that repeat themselves",
      "application/json",
      '{"errors":[{"title":"x","detail":"x"},{"title":"x"}]}',
      "x",
    ],
    ["errors as texts", "application/json", '{"errors":["one","two"]}', "one; two"],
    ["odd errors", "application/json", '{"errors":[null,3,{"title":5},{"detail":"d"}]}', "d"],
  ])("%s", (_name, contentType, text, expected) => {
    expect(answerText({ contentType, bytes: bytes(text) }, [])).toBe(expected);
  });

  test("a long text is cut at 200 units, not inside a character", () => {
    const shown = quotable("😀".repeat(200), []);
    expect(shown.length).toBeLessThanOrEqual(200);
    expect(shown.isWellFormed()).toBe(true);
  });
});

describe("recognising a server", () => {
  const base = {
    hostname: "h.example",
    basePath: "/api/v2/",
    appName: undefined,
    apiVersion: undefined,
    tfeVersion: undefined,
  };
  test.each([
    ["hcp", { appName: "HCP Terraform", apiVersion: "2.6" }],
    ["hcp", { hostname: "app.terraform.io", apiVersion: "2.6" }],
    ["tfe", { appName: "Terraform Enterprise", apiVersion: "2.6" }],
    ["tfe", { tfeVersion: "v202302-1", apiVersion: "2.6" }],
    ["tfe", { tfeVersion: "v202302-1", hostname: "tfe.scalr.io.example" }],
    ["otf", { apiVersion: "2.5" }],
    ["unknown", { apiVersion: "2.5", basePath: "/other/" }],
    ["unknown", { apiVersion: "2.5", appName: "Something" }],
    ["unknown", {}],
    ["terrakube", { appName: "Terrakube", apiVersion: "2.5", basePath: "/remote/tfe/v2/" }],
    ["terrakube", { basePath: "/remote/tfe/v2/" }],
    ["scalr", { hostname: "acme.scalr.io", apiVersion: "2.5" }],
    ["scalr", { hostname: "scalr.example", basePath: "/api/iacp/v3/" }],
  ])("%s from %j", (product, evidence) => {
    expect(factsOf({ ...base, ...evidence }).product).toBe(product);
  });

  test.each([
    [{ appName: "HCP Terraform" }, "https://h.example/app/o%20rg/workspaces/w/runs/run-1"],
    [{ apiVersion: "2.5" }, "https://h.example/app/runs/run-1"],
    [{ appName: "Terrakube" }, "https://h.example/app/o%20rg/w/runs/run-1"],
    [{}, "https://h.example/app/o%20rg/w/runs/run-1"],
  ])("page of a run for %j", (evidence, url) => {
    expect(factsOf({ ...base, ...evidence }).runUrl("h.example", "o rg", "w", "run-1")).toBe(url);
  });

  test("what follows for OTF and Terrakube", () => {
    const otf = factsOf({ ...base, apiVersion: "2.5" });
    expect([
      otf.keepsMessage,
      otf.savedPlans,
      otf.planJson,
      otf.planJsonRedacted,
      otf.lateCancelRelabels,
      otf.costEstimates,
    ]).toEqual([false, false, true, false, true, false]);
    const terrakube = factsOf({ ...base, appName: "Terrakube" });
    expect([terrakube.logOffsets, terrakube.logFramed, terrakube.cancels, terrakube.planJson]).toEqual([
      "utf16",
      false,
      false,
      false,
    ]);
  });
});
