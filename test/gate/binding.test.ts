import fc from "fast-check";
import { expect, test } from "vitest";
import { bindingOf, bindingText, withBinding } from "../../src/gate/binding.ts";
import { D, headSha } from "./facts.ts";

const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));
const binding = fc.record({
  repository: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9-]{0,38}\/[A-Za-z0-9._-]{1,100}$/),
  pullRequest: fc.integer({ min: 1, max: 2 ** 31 }),
  headSha: hex(40),
  digest: hex(64),
});
const ours = { repository: "acme/infra", pullRequest: 12, headSha, digest: D };

test("reads as it is written", () => {
  expect(bindingText(ours)).toBe(`acme/infra#12@${"a".repeat(40)}+${"d".repeat(16)}`);
  expect(withBinding("Grow it\n · by mona", ours)).toBe(`Grow it · by mona · ${bindingText(ours)}`);
  expect(withBinding("", ours)).toBe(bindingText(ours));
});

test("what is written is read, is short, and is what the last part says whatever a title says", () => {
  const forged = binding.map((other) => bindingText(other));
  const title = fc.oneof(
    fc.string({ unit: "binary" }),
    forged,
    forged.map((text) => `a · ${text}`),
    forged.map((text) => `${text} · `),
  );
  fc.assert(
    fc.property(binding, title, (made, foreign) => {
      expect(bindingText(made).length).toBeLessThanOrEqual(200);
      const { digest, ...rest } = made;
      const { digestStart = "", ...read } = bindingOf(withBinding(foreign, made)) ?? {};
      expect(read).toEqual(rest);
      expect(digest.startsWith(digestStart)).toBe(true);
      expect(digestStart.length).toBeGreaterThanOrEqual(7);
    }),
    { numRuns: 2000 },
  );
});

const text = bindingText(ours);
test.each([
  ["nothing", ""],
  ["today's short form", "Title · acme/infra#12@aaaaaaa · by mona · archive dddddddddddddddd"],
  ["text behind it", `${text} · by mona`],
  ["a space behind it", `${text} `],
  ["a line behind it", `${text}\n`],
  ["text glued before it", `x${text.slice(1)}`.replace("x", "no·")],
  ["a short head", text.replace("a".repeat(40), "a".repeat(39))],
  ["a head in capitals", text.replace("a".repeat(40), "A".repeat(40))],
  ["a number that starts with 0", text.replace("#12", "#012")],
  ["a short digest", text.slice(0, -10)],
  ["a repository with a space", text.replace("acme", "ac me")],
])("is no binding: %s", (_name, message) => {
  expect(bindingOf(message)).toBeUndefined();
});
