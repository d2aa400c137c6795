import { policiesOf } from "#domain/identity-policies";
import type { Principal } from "#domain/principal";
import type { CallRecord } from "#pipeline/again";
import type { Shared } from "#store";

/** Who made a recorded call, as that is now. */
export interface CallerAgain {
  readonly principal: Principal;
  /** `replaced`: the principal is gone, and another one has its name. */
  readonly standing: "there" | "renamed" | "gone" | "replaced";
}

/**
 * Found by the unique id, which nobody else ever gets: with the policies it has now, or none when it is gone.
 *
 * What a session was given of its own is kept nowhere, so a session has what its role has.
 */
export async function callerAgain(
  { k: kind, a: arn, i: id, ak, si: issuer }: CallRecord["c"],
  account: string,
  { principals }: Shared,
): Promise<CallerAgain> {
  const then = { kind, account, id, ...(ak !== undefined && { accessKeyId: ak }) };
  if (kind === "root") return { principal: { ...then, arn, policies: [] }, standing: "there" };
  // Of a session, that of the role or user behind it.
  const uniqueId = issuer?.[1] ?? id;
  const user = await principals.userById(uniqueId);
  if (user) {
    const may = await policiesOf(user, principals);
    return {
      principal: { ...then, arn: user.arn, name: user.name, tags: user.tags, ...may },
      standing: user.arn === arn ? "there" : "renamed",
    };
  }
  const role = await principals.roleById(uniqueId);
  if (role)
    return { principal: { ...then, arn, behind: role.arn, tags: role.tags, ...(await policiesOf(role, principals)) }, standing: "there" };
  const standing = (await principals.idOf(arn)) === undefined ? "gone" : "replaced";
  return { principal: { ...then, arn, policies: [] }, standing };
}
