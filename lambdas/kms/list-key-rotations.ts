import { importShown, pendingOf } from "#domain/imported-material";
import { currentMaterial, type Key, type Material } from "#domain/key";
import { isEverywhere, isPrimary, replicasOf } from "#domain/multi-region";
import { pageOfSorted, pageSize } from "#domain/paging";
import { own } from "#domain/quota";
import { requireRotatable } from "#domain/rotation";
import { anyState } from "#domain/states";
import { operation } from "#operation";
import { keyId, limit, marker, pageOf } from "#wire/members";
import { includeKeyMaterial, rotations } from "#wire/rotation-members";
import { required, structure } from "#wire/shape";

/** Lists the rotations of a key that are done, the oldest first; of all its materials, when asked to. */
export const listKeyRotations = operation({
  name: "ListKeyRotations",
  quota: own,
  on: { key: { id: ({ KeyId }) => KeyId, permission: "kms:ListKeyRotations", states: anyState } },
  uses: { multiRegion: "read" },
  input: structure({
    KeyId: required(keyId),
    IncludeKeyMaterial: includeKeyMaterial,
    Limit: limit,
    Marker: marker,
  }),
  output: structure({ Rotations: required(rotations), ...pageOf }),
  errors: [
    "NotFoundException",
    "InvalidArnException",
    "InvalidMarkerException",
    "KMSInternalException",
    "KMSInvalidStateException",
    "UnsupportedOperationException",
  ],
  async handle({ input, keys: { key }, stores, paging, now }) {
    requireRotatable(key, ["AWS_KMS", "EXTERNAL"]);
    const { IncludeKeyMaterial: include = "ROTATIONS_ONLY" } = input;
    const awaited = replicasOf(key).length > 0 && isPrimary(key) && key.pending !== undefined;
    const everywhere = !awaited || isEverywhere(key, await stores.multiRegion.members(key.id));
    const markers = paging([key.id, include]);
    // What a key was once current for stays in its place for good.
    const all = [...key.materials, ...pendingIn(key, now)].map((material, number) => ({ material, place: placeOf(number) }));
    const listed = include === "ALL_KEY_MATERIAL" ? all : all.filter(({ material }) => material.rotation);
    const { page, more } = pageOfSorted(listed, ({ place }) => place, markers.after(input.Marker), pageSize(input.Limit, 100, 1000));
    const last = page.at(-1)?.place;
    return {
      Rotations: page.map(({ material }) => ({
        KeyId: key.arn,
        KeyMaterialId: material.id,
        KeyMaterialState: roleOf(key, material, everywhere),
        ...importShown(key, material, now),
        RotationDate: material.rotation && material.created,
        RotationType: material.rotation,
      })),
      Truncated: more,
      NextMarker: more && last !== undefined ? markers.next(last) : undefined,
    };
  },
});

function pendingIn(key: Key, now: Date): readonly Material[] {
  const pending = key.origin === "EXTERNAL" ? pendingOf(key, now) : undefined;
  return pending ? [pending] : [];
}

const placeOf = (number: number): string => String(number).padStart(8, "0");

function roleOf(key: Key, material: Material, isEverywhere: boolean) {
  if (material === key.pending) return isEverywhere ? ("PENDING_ROTATION" as const) : ("PENDING_MULTI_REGION_IMPORT_AND_ROTATION" as const);
  return material === currentMaterial(key) ? ("CURRENT" as const) : ("NON_CURRENT" as const);
}
