// What mutation testing of src/archive runs: the tests without those that draw at random or take seconds.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/archive/*.test.ts"],
    exclude: ["test/archive/{random-trees,differential,mutating-thread}.test.ts"],
    testTimeout: 30_000,
  },
});
