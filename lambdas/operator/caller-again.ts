import { policiesOf } from "#domain/identity-policies";
import type { Principal } from "#domain/principal";
import type { Session, SessionIssuer } from "#domain/session";
import { sessionPrincipal } from "#domain/session-principal";
import { type CallRecord, servicePrincipal } from "#pipeline/again";
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
 * The policies and tags that a session was given of its own are in its token and nowhere else: it has what is behind it.
 */
export async function callerAgain(caller: CallRecord["c"], account: string, { principals }: Shared): Promise<CallerAgain> {
  const { k: kind, a: arn, i: id, ak, si: issuer, by: via } = caller;
  const then = { kind, account, id, ...(ak !== undefined && { accessKeyId: ak }), ...(via !== undefined && { via }) };
  const session = sessionOf(caller, account);
  if (session) {
    const principal = await sessionPrincipal(session, ak ?? "", principals);
    if (principal) {
      const { sessionPolicies: _, ...found } = principal;
      return { principal: { ...found, ...(via !== undefined && { via }) }, standing: found.arn === arn ? "there" : "renamed" };
    }
  }
  if (kind === "root") return { principal: { ...then, arn, policies: [] }, standing: "there" };
  // What a service may is for key policies to say. For what resource it called is in no record.
  if (kind === "service")
    return { principal: servicePrincipal(arn, account, ak ?? ""), standing: (await principals.service(arn)) ? "there" : "gone" };
  const user = session ? undefined : await principals.userById(id);
  if (user) {
    const may = await policiesOf(user, principals);
    return {
      principal: { ...then, arn: user.arn, name: user.name, tags: user.tags, ...may },
      standing: user.arn === arn ? "there" : "renamed",
    };
  }
  const standing = (await principals.idOf(issuer?.[2] ?? arn)) === undefined ? "gone" : "replaced";
  return { principal: { ...then, arn, policies: [] }, standing };
}

const KINDS: { readonly [K in CallRecord["c"]["k"]]?: Session["kind"] } = { "role-session": "role", "federated-user": "federated-user" };

/** As far as it is in the record. That it has ended is nothing to a call that was made before. */
function sessionOf({ k: kind, a: arn, i: id, si, st, so, fp }: CallRecord["c"], account: string): Session | undefined {
  if (!si || st === undefined) return undefined;
  const [type, issuerId = "", , name = ""] = si;
  const issued = new Date(st);
  return {
    kind: KINDS[kind] ?? "user",
    partition: arn.split(":")[1] ?? "aws",
    account,
    issuer: { type: type as SessionIssuer["type"], id: issuerId, name },
    name: id.slice(id.indexOf(":") + 1),
    ...{ issued, expires: issued, policyArns: [], tags: new Map(), transitive: [], chained: false },
    ...(so !== undefined && { sourceIdentity: so }),
    ...(fp !== undefined && { provider: fp }),
  };
}
