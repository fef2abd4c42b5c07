import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAddress } from "../../src/run/address.ts";

describe("addresses", () => {
  test.each([
    ["aws_instance.web", "aws_instance.web", "managed"],
    [" aws_instance.web ", "aws_instance.web", "managed"],
    ["aws_instance.web[0]", "aws_instance.web[0]", "managed"],
    ["aws_instance.web[ 007 ]", "aws_instance.web[7]", "managed"],
    ['aws_instance.web["a b.c"]', 'aws_instance.web["a b.c"]', "managed"],
    ['x.y["\\u0041\\t\\"$${a}"]', 'x.y["A\\t\\"$${a}"]', "managed"],
    ['x.y["a]b"]', 'x.y["a]b"]', "managed"],
    ['x.y["€"]', 'x.y["€"]', "managed"],
    ["resource.aws_instance.web", "aws_instance.web", "managed"],
    ["data.aws_ami.a", "data.aws_ami.a", "data"],
    ["ephemeral.x.y", "ephemeral.x.y", "ephemeral"],
    ["module.a", "module.a", "module"],
    ['module.a["k"].module.b[1]', 'module.a["k"].module.b[1]', "module"],
    ["module.a.data.x.y[0]", "module.a.data.x.y[0]", "data"],
    ["module.a.x.module", "module.a.x.module", "managed"],
    ["größe.ä-1", "größe.ä-1", "managed"],
  ])("%s", (text, canonical, kind) => {
    expect(parseAddress(text)).toEqual({ canonical, kind });
  });

  test.each([
    ["nothing", ""],
    ["a type alone", "aws_instance"],
    ["three parts", "a.b.c"],
    ["an attribute", "aws_instance.web[0].id"],
    ["a module without a name", "module"],
    ["an empty index", "a.b[]"],
    ["a splat", "a.b[*]"],
    ["a legacy index", "a.b.0"],
    ["a negative index", "a.b[-1]"],
    ["an unquoted key", "a.b[k]"],
    ["two keys", "a.b[0][1]"],
    ["a key of the type", "a[0].b"],
    ["a key that is a template", 'a.b["%{c}"]'],
    ["a key with an unknown escape", 'a.b["\\q"]'],
    ["a code point that does not exist", 'a.b["\\UFFFFFFFF"]'],
    ["an open key", 'a.b["c]'],
    ["a name that begins with a digit", "a.1b"],
    ["two addresses", "a.b c.d"],
    ["a leading dot", ".a.b"],
    ["an end with a dot", "a.b."],
    ["data alone", "data.a"],
    ["an option", "-target=a.b"],
  ])("%s is none", (_what, text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test("what is canonical stays as it is", () => {
    const name = fc.stringMatching(/^[a-z_][a-z0-9_-]{0,6}$/).filter((word) => word !== "module");
    const index = fc.oneof(
      fc.nat().map(String),
      fc.string({ unit: "grapheme" }).map((text) => JSON.stringify(text).replaceAll(/[$%](?=\{)/g, "$&$&")),
    );
    fc.assert(
      fc.property(name, name, index, (type, resource, key) => {
        fc.pre(!["data", "ephemeral", "resource"].includes(type));
        const first = parseAddress(`module.m.${type}.${resource}[${key}]`);
        expect(first?.kind).toBe("managed");
        expect(parseAddress(first?.canonical ?? "")).toEqual(first);
      }),
    );
  });
});
