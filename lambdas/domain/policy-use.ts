/** Who uses a managed policy: a question to every user, role and group of the account. */
import type { PolicyUse } from "./entity-metadata.ts";
import type { Group } from "./group.ts";
import { allOf, type Reads } from "./listing.ts";
import type { Role } from "./role.ts";
import type { User } from "./user.ts";

type Lists<T> = (account: string, page: Parameters<Reads<T>>[0]) => ReturnType<Reads<T>>;

export interface Holders {
  readonly users: readonly User[];
  readonly roles: readonly Role[];
  readonly groups: readonly Group[];
}

/** Everything in an account that policies can be attached to. */
export async function holdersIn(
  account: string,
  principals: { readonly users: Lists<User>; readonly roles: Lists<Role>; readonly groups: Lists<Group> },
): Promise<Holders> {
  const [users, roles, groups] = await Promise.all([
    allOf((page) => principals.users(account, page)),
    allOf((page) => principals.roles(account, page)),
    allOf((page) => principals.groups(account, page)),
  ]);
  return { users, roles, groups };
}

export function useOf(arn: string, { users, roles, groups }: Holders): PolicyUse {
  const bounded = [...users, ...roles].filter(({ boundary }) => boundary === arn);
  const attached = [...users, ...roles, ...groups].filter((holder) => holder.attached.includes(arn));
  return { attached: attached.length, boundary: bounded.length };
}

export const NO_USE: PolicyUse = { attached: 0, boundary: 0 };
