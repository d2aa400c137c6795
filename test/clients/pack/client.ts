/** What a client of the pack is: how it comes here, by exact version, and what it must do once it is here. */

/** A command line; its words may be paths in the client's folder of the cache, which is where installation runs. */
export type Command = readonly [string, ...string[]];

/** How a client is installed and run with the tools of one language. */
export interface Kit {
  /** What must answer before anything is installed: without it the client is not run here. */
  readonly toolchain: readonly Command[];
  /** Files that its folder has before installation, by name. */
  readonly files: Readonly<Record<string, string>>;
  /** Run one after another, again whenever one of them or a file is another than last time. */
  readonly install: readonly Command[];
  /** The program: it does the steps, in order, and prints `ok STEP` after each. `{folder}` stands for the folder in the cache. */
  readonly run: Command;
}

export interface Client extends Kit {
  readonly name: string;
  /** Of the client, exactly; what it depends on is whatever the registry has for that. */
  readonly version: string;
  /** Whether it installs in half a minute or less: then CI runs it. */
  readonly quick: boolean;
  /** The steps that succeed. */
  readonly does: readonly string[];
  /** The steps after them, that Trent must refuse. */
  readonly refuses: readonly string[];
}

/** All that a client must do, in this order. */
export const stepsOf = ({ does, refuses }: Client): readonly string[] => [...does, ...refuses];
