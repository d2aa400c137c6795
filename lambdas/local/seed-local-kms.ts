/** The seed files of local-kms. @see https://github.com/nsmithuk/local-kms, "Seeding file format" */
import { partitionOf } from "#domain/arn";
import { defaultKeyPolicy } from "#domain/policy/default-policy";
import { aliasAt, descriptionAt, enabledAt, keyIdAt, type SeedDefaults, type SeedKey, usageOf } from "./seed-key.ts";
import { materialAt, pairAt } from "./seed-material.ts";
import { elementsOf, membersOf, type Place, wrong } from "./seed-place.ts";

/** The keys of such a file, and their aliases; its keys are all of one account and Region. @throws {UsageError} */
export function localKmsKeys(file: Place, defaults: SeedDefaults): readonly SeedKey[] {
  const { Keys, Aliases } = membersOf(file, ["Keys", "Aliases"]);
  const { Symmetric, Asymmetric } = Keys ? membersOf(Keys, ["Symmetric", "Asymmetric"]) : {};
  const { Aes } = Symmetric ? membersOf(Symmetric, ["Aes"]) : {};
  const { Rsa, Ecc } = Asymmetric ? membersOf(Asymmetric, ["Rsa", "Ecc"]) : {};
  const aliases = Map.groupBy(elementsOf(Aliases).map(aliasIn), ({ target }) => target);
  const keys = [...elementsOf(Aes).map(symmetric), ...[...elementsOf(Rsa), ...elementsOf(Ecc)].map(asymmetric)].map((key) => ({
    ...defaults,
    ...{ policy: defaultKeyPolicy(defaults.account, partitionOf(defaults.region)), principals: {}, tags: new Map<string, string>() },
    ...key,
    aliases: (aliases.get(key.id) ?? []).map(({ name }) => name),
  }));
  for (const [target, [first]] of aliases)
    if (first && !keys.some(({ id }) => id === target)) throw wrong(first.at, "points to a key that is not in the file.");
  return keys;
}

function aliasIn(place: Place) {
  const { AliasName, TargetKeyId } = membersOf(place, ["AliasName", "TargetKeyId"]);
  if (!AliasName || !TargetKeyId) throw wrong(place.at, "needs both AliasName and TargetKeyId.");
  return { at: TargetKeyId.at, name: aliasAt(AliasName), target: keyIdAt(TargetKeyId) };
}

function symmetric(place: Place) {
  const { Metadata, BackingKeys, NextKeyRotation } = membersOf(place, ["Metadata", "BackingKeys", "NextKeyRotation"]);
  if (NextKeyRotation) throw wrong(NextKeyRotation.at, "is not available in this version.");
  const { KeyUsage, ...facts } = metadataOf(place, Metadata);
  const materials = elementsOf(BackingKeys).map((one) => materialAt(one, "SYMMETRIC_DEFAULT"));
  return { ...facts, spec: "SYMMETRIC_DEFAULT" as const, usage: usageOf("SYMMETRIC_DEFAULT", KeyUsage, place.at), materials };
}

function asymmetric(place: Place) {
  const { Metadata, PrivateKeyPem } = membersOf(place, ["Metadata", "PrivateKeyPem"]);
  if (!PrivateKeyPem) throw wrong(`${place.at}.PrivateKeyPem`, "is missing.");
  const { KeyUsage, ...facts } = metadataOf(place, Metadata);
  const { spec, material } = pairAt(PrivateKeyPem);
  return { ...facts, spec, usage: KeyUsage ? usageOf(spec, KeyUsage, place.at) : ("SIGN_VERIFY" as const), materials: [material] };
}

function metadataOf({ at }: Place, metadata: Place | undefined) {
  if (!metadata) throw wrong(`${at}.Metadata`, "is missing.");
  const { KeyId, Description, KeyUsage, Origin, Enabled } = membersOf(metadata, ["KeyId", "Description", "KeyUsage", "Origin", "Enabled"]);
  if (!KeyId) throw wrong(`${metadata.at}.KeyId`, "is missing.");
  if (Origin && Origin.value !== "AWS_KMS") throw wrong(Origin.at, "has to be AWS_KMS: another is not available in this version.");
  return {
    at,
    id: keyIdAt(KeyId),
    description: descriptionAt(Description),
    enabled: enabledAt(Enabled),
    KeyUsage,
  };
}
