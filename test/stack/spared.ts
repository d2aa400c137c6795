/** For the tests of `test/kms` on a stack: skips those that need the local host, with the reason. */
import { relative } from "node:path";
import { beforeEach } from "vitest";
import { PROJECT } from "./deployment.ts";
import { reasonToSkip } from "./needs-local-host.ts";

beforeEach(({ task, skip }) => {
  const reason = reasonToSkip(relative(PROJECT, task.file.filepath), task.fullTestName);
  if (reason !== undefined) skip(reason);
});
