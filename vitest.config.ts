import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "lambdas/crypto/test/**/*.test.ts"],
    exclude: ["test/stack/**", "**/node_modules/**"],
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
