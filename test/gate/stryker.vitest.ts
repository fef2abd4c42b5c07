// What mutation testing of src/gate and src/run/confirm.ts runs: tests of rules, none that plays whole stories or starts the action.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/gate/*.test.ts", "test/run/confirm.test.ts"],
    exclude: ["test/gate/{stories-1,stories-2,kept-stories,otf,endings-table}.test.ts"],
    setupFiles: ["test/gate/stryker.seed.ts"],
    testTimeout: 30_000,
  },
});
