import { readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

interface TestFile {
  readonly moduleId: string;
}

/** Tables before properties: what they find too, they find sooner. */
function tablesFirst() {
  const isSlow = ({ moduleId }: TestFile) => /fast-check|one byte/.test(readFileSync(moduleId, "utf8"));
  return {
    shard: <F extends TestFile>(files: F[]) => files,
    sort: <F extends TestFile>(files: F[]) => [...files.filter((file) => !isSlow(file)), ...files.filter(isSlow)],
  };
}

export default defineConfig({
  test: {
    include: ["test/domain/policy/*.test.ts", "test/domain/grant*.test.ts", "test/wire/sigv4*.test.ts"],
    // These measure time, and a changed program takes some itself.
    exclude: ["test/domain/policy/*cost.test.ts", "test/wire/sigv4-hostile.test.ts"],
    setupFiles: ["test/mutate/setup.ts"],
    // One worker for a change, and not one for each file.
    isolate: false,
    sequence: { sequencer: tablesFirst as never },
    testTimeout: 20_000,
  },
});
