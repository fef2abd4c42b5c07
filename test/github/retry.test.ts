import { describe, expect, test } from "vitest";
import { type Answer, isRateLimit, retryDelay } from "../../src/github/retry.ts";

const NOW = 1_700_000_000_000;
const answer = (status: number, headers: Record<string, string> = {}, message = ""): Answer => ({
  status,
  headers,
  message,
  data: undefined,
});
const delay = (of: Answer, made = 1, idempotent = true) =>
  retryDelay({ answer: of, made, idempotent, now: NOW });

describe("when a request is repeated", () => {
  test.each<[string, Answer, boolean, number | undefined]>([
    ["success is not", answer(200), true, undefined],
    ["a reading after 5xx is", answer(502), true, 500],
    ["a reading without answer is", answer(0), true, 500],
    ["a writing after 5xx is not: it may have been done", answer(502), false, undefined],
    ["a writing without answer is not", answer(0), false, undefined],
    ["a refusal is not", answer(403, {}, "Resource not accessible by integration"), true, undefined],
    ["404 and 422 are not", answer(404), true, undefined],
    ["429 waits for retry-after, writing or not", answer(429, { "retry-after": "7" }), false, 7000],
    ["403 with retry-after", answer(403, { "retry-after": "30" }), false, 30_000],
    [
      "403 with nothing remaining waits for the reset",
      answer(403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1700000042" }),
      true,
      42_000,
    ],
    [
      "a reset in the past",
      answer(403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1600000000" }),
      true,
      1000,
    ],
    [
      "a secondary limit without a time waits a minute",
      answer(403, {}, "You have exceeded a secondary rate limit."),
      false,
      60_000,
    ],
    ["a time that is none", answer(429, { "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" }), false, 60_000],
  ])("%s", (...[, of, idempotent, expected]) => {
    expect(delay(of, 1, idempotent)).toBe(expected);
  });

  test("waits grow and end after four attempts", () => {
    expect([1, 2, 3, 4].map((made) => delay(answer(500), made))).toEqual([500, 1500, 4500, undefined]);
    expect([1, 2, 3, 4].map((made) => delay(answer(429), made))).toEqual([
      60_000,
      120_000,
      240_000,
      undefined,
    ]);
  });
});

test.each([
  [answer(403, {}, "Resource not accessible by integration"), false],
  [answer(403, { "x-ratelimit-remaining": "4999" }, "Must have admin rights"), false],
  [answer(403, {}, "You have triggered an abuse detection mechanism"), true],
  [answer(429), true],
  [answer(500, { "retry-after": "3" }), false],
])("a limit or a permission: %j", (of, expected) => {
  expect(isRateLimit(of)).toBe(expected);
});
