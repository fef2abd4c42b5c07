// What mutation testing of src/gate runs: the tests of its rules, without those that play whole stories or start the action.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/gate/*.test.ts"],
    exclude: ["test/gate/{stories-1,stories-2,kept-stories,otf,endings-table}.test.ts"],
    setupFiles: ["test/gate/stryker.seed.ts"],
    testTimeout: 30_000,
  },
});
