import { basename } from "node:path";
import { startVitest } from "vitest/node";
import { PROJECT } from "./deployment.ts";
import { staleAmong } from "./needs-local-host.ts";

export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed: file, test and its first message, a line or a few each. */
  readonly failures: readonly string[];
}

/** Tests that are run together, and what they need to reach what they test. */
interface Suite {
  readonly include: readonly string[];
  readonly exclude?: readonly string[];
  readonly setupFiles?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** How many files are run at once; more than one, when each has an account of its own. */
  readonly atOnce?: number;
}

/** What needs a sandbox, a clock of its own, a provider's certificate that is trusted, or a server that is asked by its bare address. */
const LOCAL_IDENTITIES = [
  ...["test/iam/sandbox.test.ts", "test/sts/session-tokens.test.ts", "test/sts/assume-role-with-web-identity.test.ts"],
  "test/sts/get-caller-identity.test.ts",
];
/** Registers services as the operator, in a store that it opens under a root of its own. */
const REGISTERING = ["test/kms/aws-managed-keys.test.ts", "test/access/services.test.ts"];
/** Opens the material of keys, which takes the root; and each operation's own tests run there. */
const EVERY_SPEC = "test/kms/every-spec*.test.ts";
/** Puts keys into states by the store, which takes its root. */
const STATE_MATRIX = "test/kms/state-matrix.test.ts";
/** Regions that learn of each other at once, which is one process's; on a stack it is their timers' (`related.test.ts`). */
const RELATED = ["test/kms/multi-region.test.ts", "test/kms/replicate-key.test.ts", "test/kms/update-primary-region.test.ts"];
const DESTROYED = "test/stack/destroyed.test.ts";
const REACH = "test/stack/reach.ts";
/** Where `stack.sh start dynamodb` listens. */
const DYNAMODB = "http://127.0.0.1:8000";

export const SUITES = {
  app: { include: ["test/stack/*.test.ts"], exclude: [DESTROYED], setupFiles: [REACH] },
  kms: {
    include: ["test/kms/*.test.ts"],
    exclude: [...REGISTERING, ...RELATED, EVERY_SPEC, STATE_MATRIX],
    setupFiles: [REACH, "test/stack/spared.ts"],
    env: { TRENT_TEST_TARGET: "stack" },
    atOnce: 2,
  },
  access: {
    include: ["test/access/*.test.ts"],
    exclude: REGISTERING,
    setupFiles: [REACH],
    env: { TRENT_TEST_TARGET: "stack" },
    atOnce: 2,
  },
  identity: {
    include: ["test/iam/*.test.ts", "test/sts/*.test.ts"],
    exclude: LOCAL_IDENTITIES,
    setupFiles: [REACH],
    env: { TRENT_TEST_TARGET: "stack" },
    atOnce: 2,
  },
  destroyed: { include: [DESTROYED] },
  store: { include: ["test/store/drivers/dynamodb.test.ts"], env: { TRENT_TEST_DYNAMODB: DYNAMODB } },
} as const satisfies Record<string, Suite>;

/** Runs a suite. */
export async function run(name: keyof typeof SUITES, filters: readonly string[] = []): Promise<Count> {
  const { include, exclude = [], setupFiles = [], env = {}, atOnce = 1 }: Suite = SUITES[name];
  const vitest = await startVitest([...filters], {
    root: PROJECT,
    config: false,
    watch: false,
    include: [...include],
    exclude: [...exclude],
    setupFiles: [...setupFiles],
    env: { ...env },
    maxWorkers: atOnce,
    // The first call of a function starts a process, and other work may share the machine.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // An emulator that is busy starting processes drops a connection or answers late now and then; what needed it is said.
    retry: 1,
  });
  const modules = vitest.state.getTestModules();
  const tests = modules.flatMap((module) => [...module.children.allTests()].map((test) => [basename(module.moduleId), test] as const));
  const count = (state: string): number => tests.filter(([, test]) => test.result().state === state).length;
  const failures = [
    ...tests.flatMap(([file, test]) => {
      const { state, errors } = test.result();
      return state === "failed" ? [`${name} ${file}: ${test.fullName}: ${errors?.[0]?.message}`] : [];
    }),
    ...modules.flatMap((module) => module.errors().map(({ message }) => `${name} ${basename(module.moduleId)}: ${message}`)),
    ...vitest.state.getUnhandledErrors().map((cause) => `${name}: unhandled: ${(cause as Error).message}`),
  ];
  for (const [file, test] of tests) if (test.diagnostic()?.flaky) console.log(`AT THE SECOND TRY ${name} ${file}: ${test.fullName}`);
  await vitest.close();

  const stale = name === "kms" && filters.length === 0 ? staleAmong(tests.map(([file, { fullName }]) => [file, fullName])) : [];
  failures.push(...stale.map((entry) => `needs-local-host.ts names a test that there is not: ${entry}`));
  if (filters.length === 0 && tests.length === 0) failures.push(`${name}: there is no test`);
  return { passed: count("passed"), failed: failures.length, skipped: count("skipped"), failures };
}
