/**
 * What IAM's operations work on: the ARN that policies are asked about, of what is there or of what would be.
 * @see Service Authorization Reference, "Actions, resources, and condition keys for AWS Identity and Access Management"
 */
import type { Entity, EntityKind } from "./entity.ts";
import { entityArn, partitionIn } from "./iam-arn.ts";
import { providerArn, providerUrlOf, urlIn } from "./oidc-provider.ts";
import type { Policies } from "./policy-reference.ts";
import { policyAt } from "./policy-reference.ts";
import type { Principal } from "./principal.ts";
import type { Resource } from "./resource.ts";
import { userNameOf } from "./user.ts";

/** Who asks, and where what is named is found. */
export interface ResourceFacts {
  readonly caller: Principal;
  readonly principals: Policies & {
    user(account: string, name: string): Promise<Tagged | undefined>;
    role(account: string, name: string): Promise<Tagged | undefined>;
    group(account: string, name: string): Promise<Entity | undefined>;
    oidcProvider(account: string, url: string): Promise<Pick<Tagged, "tags"> | undefined>;
  };
}

interface Tagged extends Entity {
  readonly tags: ReadonlyMap<string, string>;
  readonly boundary?: string;
}

/** The user that is named, or else the caller. */
export async function userResource(named: string | undefined, { caller, principals }: ResourceFacts): Promise<Resource> {
  // The root user may ask for itself.
  if (named === undefined && caller.kind !== "user") return { arn: caller.arn };
  const name = userNameOf(named, caller);
  return taggedResource("user", name, caller, await principals.user(caller.account, name));
}

export const roleResource = async (name: string, { caller, principals }: ResourceFacts): Promise<Resource> =>
  taggedResource("role", name, caller, await principals.role(caller.account, name));

export async function groupResource(name: string, { caller, principals }: ResourceFacts): Promise<Resource> {
  const found = await principals.group(caller.account, name);
  return { arn: found?.arn ?? wouldBe("group", "/", name, caller), said: `group ${name}` };
}

export async function policyResource(arn: string, { caller, principals }: ResourceFacts): Promise<Resource> {
  const found = await policyAt(arn, caller.account, principals);
  return { arn, said: `policy ${arn}`, ...(found && { tags: found.tags }) };
}

/** What is about to be made. */
export const newResource = (
  kind: EntityKind,
  path: string | undefined,
  name: string,
  { caller }: ResourceFacts,
  rest: Pick<Resource, "tags" | "boundary"> = {},
): Resource => ({ arn: wouldBe(kind, path ?? "/", name, caller), ...rest });

/** A list below a path. */
export const listResource = (kind: EntityKind, prefix: string | undefined, { caller }: ResourceFacts): Resource => ({
  arn: wouldBe(kind, prefix ?? "/", "", caller),
});

export const providerResource = async (arn: string, { caller, principals }: ResourceFacts): Promise<Resource> => {
  const { account, url } = urlIn(arn);
  const found = account === caller.account ? await principals.oidcProvider(account, url) : undefined;
  return { arn, ...(found && { tags: found.tags }) };
};

export const newProviderResource = (url: string, { caller }: ResourceFacts): Resource => ({
  arn: providerArn(partitionIn(caller.arn), caller.account, providerUrlOf(url)),
});

export const anyResource: Resource = { arn: "*" };

function taggedResource(kind: "user" | "role", name: string, caller: Principal, found: Tagged | undefined): Resource {
  return {
    arn: found?.arn ?? wouldBe(kind, "/", name, caller),
    said: `${kind} ${name}`,
    ...(found && { tags: found.tags }),
    ...(found?.boundary !== undefined && { boundary: found.boundary }),
  };
}

const wouldBe = (kind: EntityKind, path: string, name: string, { arn, account }: Principal): string =>
  entityArn(partitionIn(arn), account, kind, path, name);
