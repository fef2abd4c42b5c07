import fc from "fast-check";
import { expect, test } from "vitest";
import { runMessage } from "../../src/commands/message.ts";
import { bindingOf } from "../../src/gate/binding.ts";
import { jobMarkOf } from "../../src/gate/job-mark.ts";

const headSha = "b".repeat(40);
const occasion = {
  given: undefined,
  event: { pull_request: { title: "Add a bucket" } },
  repository: "acme/infra",
  pullRequest: { number: 12, headSha },
  sha: "0123456789abcdef0123456789abcdef01234567",
  actor: "mona",
  digest: "f".repeat(64),
  workflowRunId: "9001",
  workflowRunAttempt: "2",
};
const job = "acme/infra/actions/runs/9001/attempts/2";

test("a pull request: title, actor, and at the end what binds the run to it", () => {
  expect(runMessage(occasion)).toBe(
    `Add a bucket · by mona · ${job} · acme/infra#12@${headSha}+ffffffffffffffff`,
  );
});

test("a message of one's own is bound too", () => {
  expect(runMessage({ ...occasion, given: "nightly" })).toBe(
    `nightly · ${job} · acme/infra#12@${headSha}+ffffffffffffffff`,
  );
});

test("a push: the subject of its commit, where it comes from", () => {
  const event = { head_commit: { message: "Grow the database\n\nIt was full." } };
  const message = runMessage({ ...occasion, event, pullRequest: undefined });
  expect(message).toBe(
    `Grow the database · by mona · acme/infra@0123456 · archive ffffffffffffffff · ${job}`,
  );
});

test("an event that does not tell the head of its pull request is not bound to it", () => {
  const message = runMessage({ ...occasion, event: {}, pullRequest: { number: 12 } });
  expect(message).toBe(`by mona · acme/infra#12@0123456 · archive ffffffffffffffff · ${job}`);
  expect(bindingOf(message)).toBeUndefined();
});

test("whatever the event holds, the message is one line that is bound to this pull request and no other", () => {
  const forgedJob = fc.constant("x · acme/infra/actions/runs/1/attempts/1");
  const forged = fc.constant(`x · acme/infra#99@${"a".repeat(40)}+0123456789abcdef`);
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.oneof(fc.string({ unit: "binary", maxLength: 400 }), forged, forgedJob),
      (event, title) => {
        for (const given of [event, { pull_request: { title } }]) {
          const message = runMessage({ ...occasion, event: given as never });
          expect(message).not.toMatch(/\p{Cc}/u);
          expect(message.length).toBeLessThan(400);
          expect(bindingOf(message)).toMatchObject({ pullRequest: 12, headSha });
          expect(jobMarkOf(message)).toEqual({ repository: "acme/infra", workflowRunId: "9001", attempt: 2 });
        }
      },
    ),
  );
});

test("outside of a workflow there is no job to be told", () => {
  const message = runMessage({ ...occasion, given: "x", workflowRunId: "", pullRequest: undefined });
  expect(message).toBe("x · acme/infra@0123456 · archive ffffffffffffffff");
  expect(jobMarkOf(message)).toBeUndefined();
});
