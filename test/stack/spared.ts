/** For the tests of `test/kms` on a stack: skips those that need the local host, and says why. */
import { basename } from "node:path";
import { beforeEach } from "vitest";
import { reasonToSkip } from "./needs-local-host.ts";

beforeEach(({ task, skip }) => {
  const reason = reasonToSkip(basename(task.file.filepath), task.fullTestName);
  if (reason !== undefined) skip(reason);
});
