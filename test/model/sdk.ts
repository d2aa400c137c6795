/**
 * The model that the AWS SDK for JavaScript carries at run time, read as plain data.
 *
 * `EncryptRequest$` is `[kind, namespace, name, traits, member names, member shapes, number required]`; the required members come first.
 * Simple shapes are numbers (integers and doubles the same one); a list or map of them has a bit added; others are found by calling a function.
 */
export type SdkShape =
  | { readonly kind: "string" | "integer" | "boolean" | "timestamp" | "blob"; readonly sensitive: boolean }
  | { readonly kind: "list"; readonly of: SdkShape }
  | { readonly kind: "map" }
  | { readonly kind: "structure"; readonly members: ReadonlyMap<string, SdkShape>; readonly required: readonly string[] };

const SIMPLE = new Map([
  [0, "string"],
  [1, "integer"],
  [2, "boolean"],
  [4, "timestamp"],
  [21, "blob"],
] as const);
const LIST_OF = 64;
const MAP_OF = 128;
const SENSITIVE = 8;
const UNIT = "unit";

/** The input and output of an operation; undefined where there is none. */
export function sdkOperation(sdk: object, name: string): { readonly input: SdkShape | undefined; readonly output: SdkShape | undefined } {
  const [kind, , , , input, output] = (sdk as Readonly<Record<string, unknown[]>>)[`${name}$`] ?? [];
  if (kind !== 9) throw new Error(`The SDK has no operation ${name}.`);
  return { input: shapeFrom(input), output: shapeFrom(output) };
}

/** The names of all operations. */
export const sdkOperations = (sdk: object): string[] =>
  Object.entries(sdk)
    .filter(([name, schema]) => name.endsWith("$") && Array.isArray(schema) && schema[0] === 9)
    .map(([name]) => name.slice(0, -1))
    .sort();

/** The names of all modelled errors. */
export const sdkErrors = (sdk: object): string[] =>
  Object.entries(sdk)
    .filter(([name, schema]) => name.endsWith("$") && Array.isArray(schema) && schema[0] === -3)
    .map(([name]) => name.slice(0, -1))
    .filter((name) => !name.endsWith("ServiceException"))
    .sort();

function shapeFrom(schema: unknown, traits: unknown = 0): SdkShape | undefined {
  if (typeof schema === "function") return shapeFrom(schema(), traits);
  if (schema === UNIT) return undefined;
  if (typeof schema === "number") return simple(schema, traits);
  if (!Array.isArray(schema)) throw new Error(`A schema of an unknown form: ${String(schema)}`);
  const [kind, referenceTraits, , own, fourth, fifth, required = 0] = schema;
  switch (kind) {
    case 0:
      return shapeFrom(fourth, own);
    case 1:
      return { kind: "list", of: shapeFrom(fourth) as SdkShape };
    case 2:
      return { kind: "map" };
    case 3:
    // A union: a structure of which one member is there.
    case 4: {
      const members = new Map((fourth as string[]).map((name, index) => [name, shapeFrom(fifth[index]) as SdkShape]));
      return { kind: "structure", members, required: fourth.slice(0, required) };
    }
    default:
      // A reference with traits of its own.
      return shapeFrom(kind, referenceTraits);
  }
}

function simple(schema: number, traits: unknown): SdkShape {
  if (schema >= MAP_OF) return { kind: "map" };
  if (schema >= LIST_OF) return { kind: "list", of: simple(schema - LIST_OF, 0) };
  const kind = SIMPLE.get(schema as 0);
  if (!kind) throw new Error(`A simple shape of an unknown kind: ${schema}`);
  return { kind, sensitive: typeof traits === "number" && (traits & SENSITIVE) !== 0 };
}
