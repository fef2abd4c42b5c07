import { describe, expect, test } from "vitest";
import { bindingText } from "../../src/gate/binding.ts";
import type { RunFacts } from "../../src/gate/facts.ts";
import { isOutdated, type TimedRun } from "../../src/gate/outdated.ts";
import { supersededPlans } from "../../src/gate/superseded.ts";
import { flags, run } from "./facts.ts";

const HEAD = "a".repeat(40);
const OTHER_HEAD = "b".repeat(40);
const place = { repository: "acme/infra", pullRequest: 7 };
const message = (headSha: string, more: Partial<typeof place> = {}) =>
  `Words · ${bindingText({ ...place, ...more, headSha, digest: "0".repeat(64) })}`;

describe("an older saved plan is superseded", () => {
  const newer = {
    ...{ ...place, headSha: HEAD, flags },
    run: run({ id: "run-new", status: "planned_and_saved", createdAt: "2026-01-02T00:00:00Z" }),
  };
  const older = run({
    ...{ id: "run-old", status: "planned_and_saved", createdAt: "2026-01-01T00:00:00Z" },
    message: message(OTHER_HEAD),
  });
  test.each<[string, Partial<RunFacts>, boolean]>([
    ["of another head", {}, true],
    ["of another head, whatever its options", { flags: { ...flags, destroy: true } }, true],
    ["of the same head and options", { message: message(HEAD) }, true],
    ["but not with other options", { message: message(HEAD), flags: { ...flags, destroy: true } }, false],
    [
      "of the repository in other letters",
      { message: message(OTHER_HEAD, { repository: "Acme/Infra" }) },
      true,
    ],
    ["but not of another pull request", { message: message(OTHER_HEAD, { pullRequest: 8 }) }, false],
    ["but not of another repository", { message: message(OTHER_HEAD, { repository: "acme/other" }) }, false],
    ["but not one that binds itself to nothing", { message: "by hand" }, false],
    ["but not of another workspace", { workspaceId: "ws-other" }, false],
    ["but not one that was made later", { createdAt: "2026-01-03T00:00:00Z" }, false],
    ["but not one of unknown age", { createdAt: undefined }, false],
    ["but not one that waits as an ordinary run", { status: "planned" }, false],
    ["but not one that was applied", { status: "applied" }, false],
    ["but not the new one itself", { id: "run-new" }, false],
  ])("%s", (_what, more, expected) => {
    expect(supersededPlans([{ ...older, ...more }], newer)).toEqual(expected ? [more.id ?? "run-old"] : []);
  });
});

describe("a saved plan is outdated when the server discarded it after an apply", () => {
  const at = (minute: number) => `2026-01-01T00:0${minute}:00Z`;
  const saved: TimedRun = {
    ...{ id: "run-saved", status: "discarded", savePlan: true },
    statusTimestamps: { "planned-and-saved-at": at(1), "discarded-at": at(5) },
  };
  const other = (times: Record<string, string>): TimedRun => ({
    ...{ id: "run-other", status: "applied" },
    statusTimestamps: times,
  });
  test.each<[string, Partial<TimedRun>, TimedRun[], boolean]>([
    ["an apply in between", {}, [other({ "applying-at": at(3), "applied-at": at(5) })], true],
    [
      "an apply that began before and ended in between",
      {},
      [other({ "applying-at": at(0), "applied-at": at(3) })],
      true,
    ],
    ["one that failed half-way", {}, [other({ "applying-at": at(0), "errored-at": at(3) })], true],
    ["one that was canceled half-way", {}, [other({ "applying-at": at(0), "canceled-at": at(3) })], true],
    ["one that ended before", {}, [other({ "applying-at": at(0), "applied-at": at(0) })], false],
    ["a plan that failed", {}, [other({ "errored-at": at(3) })], false],
    ["no other run", {}, [], false],
    ["an apply before it was planned", {}, [other({ "applying-at": at(0) })], false],
    ["an apply after the discard", {}, [other({ "applying-at": at(6) })], false],
    ["another run that was not applied", {}, [other({ "planned-at": at(3) })], false],
    ["not a saved plan", { savePlan: undefined }, [other({ "applying-at": at(3) })], false],
    ["not discarded", { status: "planned_and_saved" }, [other({ "applying-at": at(3) })], false],
    ["times not told", { statusTimestamps: {} }, [other({ "applying-at": at(3) })], false],
    ["times that cannot be read", {}, [other({ "applying-at": "soon" })], false],
    ["its own apply", {}, [{ ...saved, statusTimestamps: { "applying-at": at(3) } }], false],
  ])("%s", (_what, more, others, expected) => {
    expect(isOutdated({ ...saved, ...more }, others)).toBe(expected);
  });
});
