import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ApiError } from "../../src/api/errors.ts";
import { createRunOnce } from "../../src/run/create.ts";
import type { RunMemory } from "../../src/run/types.ts";
import { uploadConfiguration } from "../../src/run/upload.ts";
import { createFakeClock } from "./fake-clock.ts";
import { createFakeServer, isOver, type Profile } from "./fake-server.ts";

const signal = new AbortController().signal;
const lost = (status?: number) => new ApiError("unreachable", "answer lost", { status, ambiguous: true });

/** Throws the nth (from 0) error for the nth request of this name. */
function nth(name: string, errors: (Error | undefined)[]) {
  let count = 0;
  return (request: string) => {
    const error = request === name ? errors[count++] : undefined;
    if (error !== undefined) throw error;
  };
}

async function create(profile: Profile) {
  const clock = createFakeClock();
  const fake = createFakeServer(clock, { timeline: [{ at: 0, status: "planning" }], ...profile });
  fake.makeRun("cv-other");
  fake.versions.set("cv-1", {
    id: "cv-1",
    status: "uploaded",
    uploadUrl: undefined,
    errorMessage: undefined,
  });
  const memory: RunMemory[] = [];
  const options = { workspaceId: "ws-1", configurationVersionId: "cv-1", attributes: {}, clock, signal };
  const result = await createRunOnce(fake.server, {
    ...options,
    remember: (state) => memory.push({ ...state, ...{ posts: count(fake.requests, "createRun") } }),
  }).catch((error: unknown) => error);
  const ours = fake.runs.filter((run) => run.cv === "cv-1");
  return { ...fake, result, memory, clock, ours, live: ours.filter((run) => !isOver(fake.statusOf(run))) };
}

function count(requests: { name: string }[], name: string): number {
  return requests.filter((one) => one.name === name).length;
}

describe("createRunOnce", () => {
  test("one POST, the version remembered before it and the run after it", async () => {
    const { result, memory, requests } = await create({});
    expect(result).toMatchObject({ id: "run-2" });
    expect(memory).toEqual([
      { configurationVersionId: "cv-1", posts: 0 },
      { configurationVersionId: "cv-1", runId: "run-2", posts: 1 },
    ]);
    expect(requests.map((one) => one.name)).toEqual(["createRun"]);
  });

  test("an answer lost after processing: the run is adopted", async () => {
    const { result, ours, requests } = await create({ after: nth("createRun", [lost()]) });
    expect(result).toMatchObject({ id: "run-2" });
    expect(ours).toHaveLength(1);
    expect(count(requests, "createRun")).toBe(1);
  });

  test("a request lost before processing: three looks within 20 s, then another POST", async () => {
    const { result, ours, requests } = await create({ before: nth("createRun", [lost(502)]) });
    expect(result).toMatchObject({ id: "run-2" });
    expect(ours).toHaveLength(1);
    const [first, second] = requests.filter((one) => one.name === "createRun");
    const between = requests.filter((one) => one.at > (first?.at ?? 0) && one.at < (second?.at ?? 0));
    expect(between.map((one) => one.name)).toEqual(["listRuns", "listRuns", "listRuns"]);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeLessThanOrEqual(20_100);
  });

  test("a run that turns up after the second POST is stopped", async () => {
    let made = false;
    const profile: Profile = { before: nth("createRun", [lost()]) };
    const clock = createFakeClock();
    const fake = createFakeServer(clock, { ...profile, timeline: [{ at: 0, status: "pending" }] });
    profile.before?.("");
    const server = {
      ...fake.server,
      createRun: (...args: Parameters<typeof fake.server.createRun>) => {
        if (made) fake.makeRun("cv-1");
        made = true;
        return fake.server.createRun(...args);
      },
    };
    const options = { workspaceId: "ws-1", configurationVersionId: "cv-1", attributes: {}, clock, signal };
    const run = await createRunOnce(server, { ...options, remember: () => undefined });
    expect(fake.runs.map((one) => [one.id === run.id, fake.statusOf(one)])).toEqual([
      [false, "canceled"],
      [true, "pending"],
    ]);
  });

  test("the version is not uploaded yet: read again, then the same POST", async () => {
    const early = new ApiError("server", "Configuration version has not been uploaded", { status: 422 });
    const { result, requests } = await create({ before: nth("createRun", [early, early]) });
    expect(result).toMatchObject({ id: "run-2" });
    expect(count(requests, "createRun")).toBe(3);
    expect(count(requests, "readConfigurationVersion")).toBe(2);
  });

  test.each([
    [422, "Invalid variables"],
    [403, "Forbidden"],
    [404, "not found"],
  ])("%i %s is final", async (status, message) => {
    const error = new ApiError("server", message, { status });
    const { result, requests } = await create({ before: nth("createRun", [error]) });
    expect(result).toBe(error);
    expect(requests).toHaveLength(1);
  });

  test("a list that does not tell the version: no second POST", async () => {
    const { result, ours } = await create({
      after: nth("createRun", [lost()]),
      run: { configurationVersionId: undefined },
    });
    expect(String(result)).toContain("does not tell whether the run was made");
    expect(ours).toHaveLength(1);
  });

  test("at most one live run, whatever answers are lost", async () => {
    const fate = fc.constantFrom("ok", "before", "after", "500-after");
    await fc.assert(
      fc.asyncProperty(fc.array(fate, { maxLength: 4 }), async (fates) => {
        const before = fates.map((one) => (one === "before" ? lost(504) : undefined));
        const after = fates.map((one) =>
          one === "after"
            ? lost()
            : one === "500-after"
              ? new ApiError("server", "500", { status: 500 })
              : undefined,
        );
        // A request lost before processing never reaches the second counter.
        const processed = after.filter((_, index) => fates[index] !== "before");
        const { live, result } = await create({
          before: nth("createRun", before),
          after: nth("createRun", processed),
        });
        expect(live.length).toBeLessThanOrEqual(1);
        if (!(result instanceof Error)) expect(live).toMatchObject([{ id: (result as { id: string }).id }]);
      }),
      { numRuns: 500 },
    );
  });
});

describe("uploadConfiguration", () => {
  async function upload(profile: Profile, change?: (fake: ReturnType<typeof createFakeServer>) => void) {
    const clock = createFakeClock();
    const fake = createFakeServer(clock, profile);
    const masked: string[] = [];
    const mask = (secret: string) => void masked.push(secret);
    change?.(fake);
    const archive = { file: "/archive.tar.gz", bytes: 11_000_000 };
    const options = { workspaceId: "ws-1", speculative: true, ...archive, clock, signal, mask };
    const result = await uploadConfiguration(fake.server, options).catch((error: unknown) => error);
    return { result, masked, names: fake.requests.map((one) => one.name), clock };
  }

  test("made, uploaded, and read once", async () => {
    const { result, masked, names } = await upload({});
    expect(result).toBe("cv-1");
    expect(masked).toEqual(["https://upload.test/cv-1"]);
    expect(names).toEqual(["createConfigurationVersion", "uploadArchive", "readConfigurationVersion"]);
  });

  test("not read where the server's answer to the upload says it all", async () => {
    const { result, names } = await upload({ facts: { uploadsAtOnce: true } });
    expect(result).toBe("cv-1");
    expect(names).toEqual(["createConfigurationVersion", "uploadArchive"]);
  });

  test("an answer lost after processing is settled by the version's status", async () => {
    const { result, names } = await upload({ after: nth("uploadArchive", [lost()]) });
    expect([result, names.filter((name) => name === "uploadArchive").length]).toEqual(["cv-1", 1]);
  });

  test.each([undefined, 500, 503])("a PUT lost before processing (%s) is repeated", async (status) => {
    const { result, names } = await upload({ before: nth("uploadArchive", [lost(status), lost(status)]) });
    expect([result, names.filter((name) => name === "uploadArchive").length]).toEqual(["cv-1", 3]);
  });

  test.each([403, 404, 410])("a refused URL, %i, costs the version", async (status) => {
    const gone = new ApiError("server", "gone", { status });
    expect(await upload({ before: nth("uploadArchive", [gone, gone]) })).toMatchObject({ result: "cv-3" });
    expect((await upload({ before: nth("uploadArchive", [gone, gone, gone]) })).result).toBe(gone);
  });

  test.each([413, 422])("%i: too large, with the size", async (status) => {
    const error = new ApiError("server", "http: request body too large", { status });
    const { result, names } = await upload({ before: nth("uploadArchive", [error]) });
    expect(result).toMatchObject({ reason: "archive-too-large" });
    expect(String(result)).toContain("11000000 bytes");
    expect(names).toHaveLength(2);
  });

  test("an archive that the server cannot use: its reason", async () => {
    const { result } = await upload({}, (fake) => {
      fake.versions.set = (id, version) =>
        Map.prototype.set.call(fake.versions, id, {
          ...version,
          status: "errored",
          errorMessage: "not a tar",
        });
    });
    expect(result).toMatchObject({ reason: "archive", message: expect.stringContaining("not a tar") });
  });

  test("one that is never taken in: five minutes", async () => {
    const { result, clock } = await upload({}, (fake) => {
      fake.versions.set = (id, version) =>
        Map.prototype.set.call(fake.versions, id, { ...version, status: "fetching" });
    });
    expect(result).toMatchObject({ reason: "timeout" });
    expect(clock.now()).toBeGreaterThan(300_000);
    expect(clock.now()).toBeLessThan(302_000);
  });
});
