const CLOCK = "it sets the time that keys live in; on a stack that is the machine's";

/** Files of `test/kms` (`*`: all of them) -> the tests in them that what is deployed cannot pass, and why. All others run here too. */
export const NEEDS_LOCAL_HOST: Readonly<Record<string, readonly (readonly [test: RegExp, reason: string])[]>> = {
  "*": [[/deletion date passed/, CLOCK]],
};

/** Why a test cannot run on a stack; undefined when it can. */
export const reasonToSkip = (file: string, test: string): string | undefined =>
  ["*", file].flatMap((name) => NEEDS_LOCAL_HOST[name] ?? []).find(([pattern]) => pattern.test(test))?.[1];
