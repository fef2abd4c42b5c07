import { expect, test } from "vitest";
import { prepareSteps } from "./step.ts";
import { SEQUENCES, tryStories } from "./stories.ts";

prepareSteps();

test(`no apply but of what was reviewed, and never more than one: half of ${SEQUENCES} sequences`, {
  timeout: 600_000,
}, async () => {
  const seen = await tryStories(1);
  // All of it is void if nothing ever got through.
  expect([...seen.keys()]).toContain("compared applied");
});
