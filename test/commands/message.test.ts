import fc from "fast-check";
import { expect, test } from "vitest";
import { runMessage } from "../../src/commands/message.ts";

const occasion = {
  event: { pull_request: { title: "Add a bucket" } },
  repository: "acme/infra",
  pullRequest: 12,
  sha: "0123456789abcdef0123456789abcdef01234567",
  actor: "mona",
  digest: "f".repeat(64),
};

test("a pull request: title, number, commit, actor, archive", () => {
  expect(runMessage(occasion)).toBe(
    "Add a bucket · acme/infra#12@0123456 · by mona · archive ffffffffffffffff",
  );
});

test("a push: the subject of its commit", () => {
  const event = { head_commit: { message: "Grow the database\n\nIt was full." } };
  expect(runMessage({ ...occasion, event, pullRequest: undefined })).toMatch(
    /^Grow the database · acme\/infra@0123456 ·/,
  );
});

test("an event without either says where and by whom", () => {
  expect(runMessage({ ...occasion, event: {}, pullRequest: undefined })).toMatch(
    /^acme\/infra@0123456 · by mona/,
  );
});

test("whatever the event holds, the message is one well-formed line", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string({ unit: "binary", maxLength: 400 }), (event, title) => {
      for (const given of [event, { pull_request: { title } }]) {
        const message = runMessage({ ...occasion, event: given as never });
        expect(message).not.toMatch(/\p{Cc}/u);
        expect(message.length).toBeLessThan(300);
      }
    }),
  );
});
