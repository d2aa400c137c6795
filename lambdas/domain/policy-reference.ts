/** Managed policies by their ARNs: those of an account, and those that AWS manages. */
import { Fault } from "./fault.ts";
import { parseIamArn, partitionIn } from "./iam-arn.ts";
import { awsManaged } from "./managed-policies.ts";
import type { ManagedPolicy } from "./managed-policy.ts";

export interface Policies {
  policy(account: string, name: string): Promise<ManagedPolicy | undefined>;
}

/** The policy with this ARN, to the letter; another account's is none. */
export async function policyAt(arn: string, account: string, policies: Policies): Promise<ManagedPolicy | undefined> {
  const named = parseIamArn(arn);
  if (named?.kind !== "policy") return undefined;
  if (named.account === "aws") return awsManaged(arn);
  const found = named.account === account ? await policies.policy(account, named.name) : undefined;
  return found?.arn === arn ? found : undefined;
}

/** @throws {Fault} InvalidInputException for what is no policy's ARN; NoSuchEntityException */
export async function requirePolicy(arn: string, account: string, policies: Policies): Promise<ManagedPolicy> {
  requirePolicyArn(arn);
  const found = await policyAt(arn, account, policies);
  if (!found) throw new Fault("NoSuchEntityException", `Policy ${arn} was not found.`);
  return found;
}

/**
 * One that can be attached, or be a boundary. What AWS manages has an ARN in each partition, and only that of the caller's own counts: policies
 * speak of that one under `iam:PolicyARN`.
 * @throws {Fault} InvalidInputException, NoSuchEntityException
 */
export async function requireAttachable(
  arn: string,
  caller: { readonly account: string; readonly arn: string },
  policies: Policies,
): Promise<ManagedPolicy> {
  requirePolicyArn(arn);
  const found = await policyAt(arn, caller.account, policies);
  if (!found || partitionIn(arn) !== partitionIn(caller.arn)) throw notAttachable(arn);
  return found;
}

/** Undoes what was written about a policy that somebody deleted meanwhile. @throws {Fault} NoSuchEntityException */
export async function requireStillThere({ arn, id, account }: ManagedPolicy, policies: Policies, undo: () => Promise<void>): Promise<void> {
  if (account === "aws" || (await policyAt(arn, account, policies))?.id === id) return;
  await undo();
  throw notAttachable(arn);
}

const notAttachable = (arn: string): Fault => new Fault("NoSuchEntityException", `Policy ${arn} does not exist or is not attachable.`);

/** One that the account may change. @throws {Fault} AccessDeniedException for those that AWS manages; else as {@link requirePolicy}. */
export async function requireOwnPolicy(
  arn: string,
  caller: { readonly account: string; readonly arn: string },
  policies: Policies,
  permission: string,
): Promise<ManagedPolicy> {
  const found = await requirePolicy(arn, caller.account, policies);
  if (found.account !== "aws") return found;
  throw new Fault("AccessDeniedException", `User: ${caller.arn} is not authorized to perform: ${permission} on resource: policy ${arn}`);
}

export function requirePolicyArn(arn: string): void {
  if (parseIamArn(arn)?.kind !== "policy") throw new Fault("InvalidInputException", `ARN ${arn} is not valid.`);
}

/** The name in a policy's ARN. */
export const policyNameIn = (arn: string): string => arn.slice(arn.lastIndexOf("/") + 1);
