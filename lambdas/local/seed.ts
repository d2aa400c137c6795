import { readFileSync } from "node:fs";
import { rootArn } from "#domain/arn";
import { Fault } from "#domain/fault";
import { type AcceptedPolicy, acceptPolicy } from "#domain/policy/accept";
import { withTags } from "#domain/tags";
import { aliasAt, descriptionAt, enabledAt, keyIdAt, type SeedDefaults, type SeedKey, SPECS, usageOf } from "./seed-key.ts";
import { localKmsKeys } from "./seed-local-kms.ts";
import { materialAt } from "./seed-material.ts";
import { choiceAt, elementsOf, membersOf, type Place, textAt, wrong } from "./seed-place.ts";
import { UsageError } from "./usage-error.ts";

const KEY = [
  "id",
  "account",
  "region",
  "spec",
  "usage",
  "description",
  "enabled",
  "material",
  "materials",
  "policy",
  "tags",
  "aliases",
] as const;

/** The keys in a seed file: YAML, of which JSON is a part, of our own format or of local-kms's. @throws {UsageError} naming the place. */
export async function readSeed(path: string, defaults: SeedDefaults): Promise<readonly SeedKey[]> {
  const text = readFileSync(path, "utf8");
  try {
    const file = await parsed(text);
    const keys = isOfLocalKms(file.value) ? localKmsKeys(file, defaults) : await ownKeys(file, defaults);
    requireDistinct(keys);
    return keys;
  } catch (cause) {
    if (cause instanceof UsageError) throw new UsageError(`--seed ${path}: ${cause.message}`);
    throw cause;
  }
}

/** The library is loaded when there is something to read. Scalars stay as they are written: an account may begin with 0, a material look like a number. */
async function parsed(text: string): Promise<Place> {
  const { parseDocument } = await import("yaml");
  const document = parseDocument(text, { schema: "failsafe" });
  const [error] = [...document.errors, ...document.warnings];
  // Only its first line: the next ones show the file, and with it materials.
  if (error) throw new UsageError((error.message.split("\n")[0] as string).replace(/:$/, ""));
  try {
    return { at: "", value: document.toJS() };
  } catch {
    throw new UsageError("it has too many aliases (*…).");
  }
}

const isOfLocalKms = (value: unknown): boolean => typeof value === "object" && value !== null && ("Keys" in value || "Aliases" in value);

async function ownKeys(file: Place, defaults: SeedDefaults): Promise<readonly SeedKey[]> {
  const keys: SeedKey[] = [];
  for (const place of elementsOf(membersOf(file, ["keys"]).keys)) keys.push(await keyAt(place, defaults));
  return keys;
}

async function keyAt(place: Place, defaults: SeedDefaults): Promise<SeedKey> {
  const key = membersOf(place, KEY);
  const { at } = place;
  if (!key.id) throw wrong(`${at}.id`, "is missing.");
  if (key.material && key.materials) throw wrong(at, "has both material and materials: give one of them.");
  const account = key.account ? textAt(key.account, /^\d{12}$/, "12 digits") : defaults.account;
  const region = key.region ? choiceAt(key.region, defaults.regions) : defaults.region;
  const spec = key.spec ? choiceAt(key.spec, SPECS) : "SYMMETRIC_DEFAULT";
  return {
    at,
    id: keyIdAt(key.id),
    account,
    region,
    spec,
    usage: usageOf(spec, key.usage, at),
    description: descriptionAt(key.description),
    enabled: enabledAt(key.enabled),
    materials: (key.material ? [key.material] : elementsOf(key.materials)).map((one) => materialAt(one, spec)),
    tags: key.tags ? tagsAt(key.tags) : new Map(),
    aliases: elementsOf(key.aliases).map(aliasAt),
    ...(await policyAt(key.policy, at, account, region)),
  };
}

function tagsAt(place: Place): ReadonlyMap<string, string> {
  const names = typeof place.value === "object" && place.value !== null ? Object.keys(place.value) : [];
  const members = membersOf(place, names);
  const tags = names.map((TagKey) => {
    const value = members[TagKey] as Place;
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u.test(TagKey)) throw wrong(value.at, "is not a name that tags can have.");
    return { TagKey, TagValue: textAt(value, /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u, "a value that tags can have") };
  });
  try {
    return withTags(new Map(), tags);
  } catch (cause) {
    return refused(place.at)(cause);
  }
}

/** A policy is written as its text, or as a mapping; without any it is the default one. */
async function policyAt(place: Place | undefined, at: string, account: string, region: string): Promise<AcceptedPolicy> {
  const value = place?.value;
  const text = value === undefined || typeof value === "string" ? value : JSON.stringify(value, undefined, 2);
  const caller = { account, arn: rootArn(region, account), kind: "root" } as const;
  return acceptPolicy({ text, region, caller, bypassLockoutCheck: true, idOf: undefined }).catch(refused(place?.at ?? at));
}

/** Says of what a call would be refused for, where it stands. */
const refused =
  (at: string) =>
  (cause: unknown): never => {
    if (cause instanceof Fault) throw wrong(at, `is refused: ${cause.name}${cause.message && `: ${cause.message}`}`);
    throw cause;
  };

/** Ids are one of a kind in a Region, and aliases in an account's. @throws {UsageError} */
function requireDistinct(keys: readonly SeedKey[]): void {
  const taken = new Set<string>();
  for (const { at, id, account, region, aliases } of keys) {
    const names = [`${region} ${id}`, ...aliases.map((name) => `${region} ${account} ${name}`)];
    for (const name of names) {
      if (taken.has(name)) throw wrong(at, `repeats ${name.split(" ").at(-1)}.`);
      taken.add(name);
    }
  }
}
