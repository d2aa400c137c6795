import { keyArn as arnOf } from "#domain/arn";
import { pageSize } from "#domain/paging";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { keyArn, keyId, limit, marker, pageOf } from "#wire/members";
import { enumeration, list, required, structure } from "#wire/shape";

const resourceOwners = list(enumeration(["SELF", "OTHER_ACCOUNTS_VIA_RAM"]), { min: 1, max: 2 });

/** Lists the keys of the account in the Region, in every state. */
export const listKeys = operation({
  name: "ListKeys",
  quota: own,
  permission: "kms:ListKeys",
  uses: { keys: "read" },
  input: structure({ Limit: limit, Marker: marker, ResourceOwners: resourceOwners }),
  output: structure({ Keys: required(list(structure({ KeyId: required(keyId), KeyArn: required(keyArn) }))), ...pageOf }),
  errors: ["DependencyTimeoutException", "KMSInternalException", "InvalidMarkerException"],
  async handle({ input, caller: { account }, region, stores, paging }) {
    const owners = input.ResourceOwners ?? ["SELF"];
    const markers = paging([...owners]);
    const after = markers.after(input.Marker);
    // Nothing is shared through RAM: there is no RAM here.
    if (!owners.includes("SELF")) return { Keys: [], Truncated: false };
    const { ids, more } = await stores.keys.list(account, { after, limit: pageSize(input.Limit, 100, 1000) });
    const last = ids.at(-1);
    return {
      Keys: ids.map((id) => ({ KeyId: id, KeyArn: arnOf(region, account, id) })),
      Truncated: more,
      NextMarker: more && last !== undefined ? markers.next(last) : undefined,
    };
  },
});
