import { describe, expect, test } from "vitest";
import { archiveRoot } from "../../src/archive/root.ts";
import { Failure } from "../../src/failure.ts";

describe("the root of the archive", () => {
  test.each([
    ["/repo/infra", "", "/repo/infra"],
    ["/repo/infra", ".", "/repo/infra"],
    ["/repo/infra", "/", "/repo/infra"],
    ["/repo/infra", "infra", "/repo"],
    ["/repo/infra", "/infra", "/repo"],
    ["/repo/infra", "./infra/", "/repo"],
    ["/repo/a/b/c", "a/b/c", "/repo"],
    ["/repo/a/b/c", "b/./x/../c", "/repo/a"],
    ["/infra", "infra", "/"],
    ["/repo/foo.", "", "/repo/foo."],
    ["/repo/infra/", "infra", "/repo"],
  ])("%s with the working directory %j is %s", (directory, workingDirectory, root) => {
    expect(archiveRoot(directory, workingDirectory)).toBe(root);
  });

  test.each([
    ["/repo/prod", "envs/prod"],
    ["/repo/myapp", "app"],
    ["/repo/envs/prod/x", "envs/prod"],
    ["/repo", "a/repo/repo"],
    ["/repo/infra", "../infra"],
    ["/repo/infra", "Infra"],
    ["/a", "a/b"],
  ])("%s does not end with %s: an error that shows both", (directory, workingDirectory) => {
    const attempt = () => archiveRoot(directory, workingDirectory);
    expect(attempt).toThrow(Failure);
    expect(attempt).toThrow(expect.objectContaining({ reason: "configuration" }));
    expect(attempt).toThrow(`working directory is "${workingDirectory}"`);
    expect(attempt).toThrow(`root module is in "${directory}"`);
  });
});
