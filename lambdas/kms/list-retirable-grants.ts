import { Fault } from "#domain/fault";
import { grantEntryOf } from "#domain/grant-entry";
import { type Grantee, granteeNamed, principalNamed } from "#domain/grant-principal";
import { stateOf } from "#domain/key";
import { pageSize } from "#domain/paging";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { grantEntry, limit, marker, pageOf, principal, servicePrincipal } from "#wire/members";
import { list, required, structure } from "#wire/shape";

/** Lists the grants in the Region that a principal of the caller's account may retire, also on keys of other accounts. */
export const listRetirableGrants = operation({
  name: "ListRetirableGrants",
  quota: own,
  permission: "kms:ListRetirableGrants",
  uses: { grants: "read", keys: "read", principals: "read" },
  input: structure({ Limit: limit, Marker: marker, RetiringPrincipal: principal, RetiringServicePrincipal: servicePrincipal }),
  output: structure({ Grants: required(list(grantEntry)), ...pageOf }),
  errors: ["DependencyTimeoutException", "InvalidMarkerException", "InvalidArnException", "NotFoundException", "KMSInternalException"],
  async handle({ input, caller, region, stores: { grants, keys, principals }, now, paging, anyPrincipal }) {
    const { RetiringPrincipal: named, RetiringServicePrincipal: service } = input;
    // AWS's texts are UNVERIFIED.
    if ((named === undefined) === (service === undefined))
      throw new Fault("ValidationException", "You must specify exactly one of RetiringPrincipal and RetiringServicePrincipal.");
    const { principal, id } = await asked();
    const markers = paging([principal]);
    const slice = { after: markers.after(input.Marker), limit: pageSize(input.Limit, 50, 100) };
    const { grants: found, next } = await grants.retirableBy(principal, slice);
    // A grant outlives its key until it is swept, and whoever was to retire it may have given up the name.
    const alive = await Promise.all(
      found.map(async (grant) => {
        const key = await keys.get(grant.keyId);
        return key && stateOf(key, now) !== undefined && grant.retiring?.id === id ? [grant] : [];
      }),
    );
    return {
      Grants: await Promise.all(alive.flat().map((grant) => grantEntryOf(grant, region, principals.idOf))),
      Truncated: next !== undefined,
      NextMarker: next === undefined ? undefined : markers.next(next),
    };

    /** Services ask for themselves alone, everybody else for principals of its account. */
    async function asked(): Promise<Grantee> {
      if (caller.kind === "service") {
        if ((named ?? service) !== caller.arn) throw refused(named ?? service ?? "");
        return { principal: caller.arn };
      }
      if (named === undefined) throw refused(service ?? "");
      const { principal, account } = principalNamed(named, region);
      if (account !== caller.account) throw refused(principal);
      return granteeNamed(named, region, anyPrincipal ? undefined : principals.idOf);
    }

    function refused(principal: string): Fault {
      const resource = `${caller.arn} is not authorized to perform: kms:ListRetirableGrants on resource: ${principal}`;
      return new Fault(
        "AccessDeniedException",
        `User: ${resource} because no resource-based policy allows the kms:ListRetirableGrants action`,
      );
    }
  },
});
