import { Duration, Stack } from "aws-cdk-lib";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import type { Construct } from "constructs";
import { AccessRole, type Reach } from "./access-role.ts";
import { type Size, TrentFunction } from "./operation-function.ts";
import type { Site } from "./site.ts";

/** A function that no caller reaches: it runs by the clock, or when the operator invokes it. */
export interface Duty {
  readonly name: string;
  readonly description: string;
  readonly reach: Reach;
  readonly size: Size;
  /** Between two runs; absent: only when it is invoked. */
  readonly everyMinutes?: number;
  /** Makes the folder with `index.js`. */
  readonly asset: () => string;
}

/** The function of a duty with a role of its own, and its rule. */
export function dutyFunction(scope: Construct, site: Site, duty: Duty): TrentFunction {
  const { name, description, reach, size, everyMinutes } = duty;
  const { prefix, roots } = site;
  const role = new AccessRole(scope, `${name}-role`, { prefix, reach, roots });
  const runs = new TrentFunction(scope, name, { site, name, description, asset: duty.asset(), reach, role, size });
  if (everyMinutes !== undefined) {
    new Rule(scope, `${name}-rule`, {
      ruleName: `${prefix}-${name}`,
      description: `${description} (${Stack.of(scope).region})`,
      schedule: Schedule.rate(Duration.minutes(everyMinutes)),
      targets: [new LambdaFunction(runs)],
    });
  }
  return runs;
}
