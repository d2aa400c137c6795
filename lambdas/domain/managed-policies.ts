import { partitionOf } from "./arn.ts";
import { compilePolicy } from "./policy/compile.ts";
import { ADMINISTRATOR_ACCESS } from "./policy/default-policy.ts";
import type { NamedPolicy } from "./policy/evaluate.ts";
import type { User } from "./user.ts";

/** Policies that exist in every account from the start, by the name after `policy/`. */
const MANAGED: ReadonlyMap<string, string> = new Map([["AdministratorAccess", ADMINISTRATOR_ACCESS.document]]);

/** The ARN of a policy that AWS manages. */
export const managedPolicyArn = (region: string, name: string): string => `arn:${partitionOf(region)}:iam::aws:policy/${name}`;

/**
 * The identity policies of a user, compiled.
 *
 * One that is attached but unknown fails the call rather than being left out: it might hold a Deny.
 */
export function policiesOf(user: User, region: string): readonly NamedPolicy[] {
  const attached = user.attached.map((arn) => {
    const name = arn.slice(managedPolicyArn(region, "").length);
    const document = arn === managedPolicyArn(region, name) ? MANAGED.get(name) : undefined;
    if (document === undefined) throw new Error(`The policy ${arn}, attached to ${user.arn}, is not known.`);
    return { name: arn, policy: compilePolicy(document, "identity") };
  });
  const inline = user.inline.map(({ name, document }) => ({ name, policy: compilePolicy(document, "identity") }));
  return [...attached, ...inline];
}
