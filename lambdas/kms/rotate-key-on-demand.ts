import { requireImportedEverywhere, rotatedToPending } from "#domain/imported-material";
import { replicasOf, requireNoReplica } from "#domain/multi-region";
import { own } from "#domain/quota";
import { requireOnDemand, requireRotatable, rotatedOnDemand } from "#domain/rotation";
import { rotatableNow } from "#domain/states";
import { operation } from "#operation";
import { keyArn, keyId } from "#wire/members";
import { required, structure } from "#wire/shape";

/** Gives a key new material now, made for it or imported before; its automatic rotation, on or off, stays as it is. */
export const rotateKeyOnDemand = operation({
  name: "RotateKeyOnDemand",
  quota: own,
  on: { key: { id: ({ KeyId }) => KeyId, permission: "kms:RotateKeyOnDemand", states: rotatableNow } },
  uses: { keys: "write", material: "write", multiRegion: "read" },
  input: structure({ KeyId: required(keyId) }),
  output: structure({ KeyId: keyArn }),
  errors: [
    "NotFoundException",
    "DisabledException",
    "InvalidArnException",
    "DependencyTimeoutException",
    "KMSInternalException",
    "KMSInvalidStateException",
    "UnsupportedOperationException",
    "LimitExceededException",
    "ConflictException",
  ],
  async handle({ keys: { key }, stores, now }) {
    requireRotatable(key, ["AWS_KMS", "EXTERNAL"]);
    requireNoReplica(key);
    requireOnDemand(key, now);
    if (key.origin === "EXTERNAL" && replicasOf(key).length > 0)
      requireImportedEverywhere(key, await stores.multiRegion.members(key.id), now);
    const changed =
      key.origin === "EXTERNAL" ? rotatedToPending(key, now) : rotatedOnDemand(key, await stores.material.make(key, now), now);
    await stores.keys.replace(key, changed);
    return { KeyId: key.arn };
  },
});
