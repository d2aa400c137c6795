import { App } from "aws-cdk-lib";
import type { TrentProps } from "#lib/constructs/trent";
import { DataStack } from "#lib/stacks/data-stack";
import { RegionStack } from "#lib/stacks/region-stack";
import { OptionError } from "./option-error.ts";
import { type Options, optionsOf } from "./options.ts";

export interface Deployment {
  readonly data: DataStack;
  /** By Region, the home Region first. */
  readonly regions: ReadonlyMap<string, RegionStack>;
}

/**
 * Trent in all of its Regions: one stack of what they share, then one for each.
 * @throws {OptionError} when the roots are not in every Region.
 */
export function deploymentOf(
  app: App,
  { account, regions, ...chosen }: Options,
  parts: Pick<TrentProps, "faces" | "duties" | "assets"> = {},
): Deployment {
  const [home, ...replicas] = regions;
  const { prefix, roots, encryption, removalPolicy } = chosen;
  const name = prefix.charAt(0).toUpperCase() + prefix.slice(1);
  const data = new DataStack(app, `${name}Data`, {
    env: { account, region: home },
    description: "Trent: what its Regions share",
    data: { prefix, roots, encryption, removalPolicy, replicas },
  });
  const stacks = regions.map((region) => {
    const stack = new RegionStack(app, `${name}-${region}`, {
      env: { account, region },
      description: `Trent in ${region}`,
      trent: { ...chosen, home, regions, ...parts },
    });
    stack.addStackDependency(data);
    return [region, stack] as const;
  });
  return { data, regions: new Map(stacks) };
}

if (import.meta.main) {
  const app = new App();
  try {
    deploymentOf(app, optionsOf(app.node));
    app.synth();
  } catch (cause) {
    if (!(cause instanceof OptionError)) throw cause;
    process.stderr.write(`${cause.message}\n`);
    process.exitCode = 2;
  }
}
