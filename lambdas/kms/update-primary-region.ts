import { handedOver, requirePrimary, requireReplicaIn } from "#domain/multi-region";
import { promotion } from "#domain/quota";
import { promotable } from "#domain/states";
import { operation } from "#operation";
import { keyId, regionName } from "#wire/members";
import { required, structure } from "#wire/shape";

/**
 * Makes a replica the primary key, and the primary key a replica. Both do everything else meanwhile; the old one is Updating until the Region of
 * the new one has taken over.
 */
export const updatePrimaryRegion = operation({
  name: "UpdatePrimaryRegion",
  quota: promotion,
  on: {
    key: { id: ({ KeyId }) => KeyId, permission: "kms:UpdatePrimaryRegion", states: promotable },
    replica: {
      id: ({ KeyId }) => KeyId,
      region: ({ PrimaryRegion }) => PrimaryRegion,
      permission: "kms:UpdatePrimaryRegion",
      states: promotable,
    },
  },
  conditions: { "kms:PrimaryRegion": ({ PrimaryRegion }) => PrimaryRegion },
  uses: { keys: "write", multiRegion: "write" },
  input: structure({ KeyId: required(keyId), PrimaryRegion: required(regionName) }),
  errors: [
    "DisabledException",
    "InvalidArnException",
    "KMSInvalidStateException",
    "KMSInternalException",
    "NotFoundException",
    "UnsupportedOperationException",
  ],
  async handle({ keys: { key, replica }, author, stores, now }) {
    requirePrimary(key);
    if (replica.region === key.region) return;
    requireReplicaIn(key, replica.region);
    const changed = handedOver(key, replica.region, author);
    await stores.keys.replace(key, changed);
    await stores.multiRegion.publishSoon(changed, now);
  },
});
