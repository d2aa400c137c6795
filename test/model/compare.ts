/** Where a declaration differs from AWS's models, each difference as one line. */
import type { Field, Shape, StructureShape } from "#wire/shape";
import { shapeOf } from "#wire/shape";
import { type Model, type ModelShape, memberOf } from "./model.ts";
import type { SdkShape } from "./sdk.ts";

const isRequired = (field: Field): boolean => "field" in field && field.field === "required";
const availableForm = (shape: Shape): Shape => (shape.kind === "unavailable" ? shape.of : shape);

/** Members, their kinds and secrecy; and which an input requires: an output's `required` is our own promise, so it is not compared. */
export function differencesFromSdk(shape: Shape, theirs: SdkShape, path: string, side: "input" | "output"): string[] {
  const ours = availableForm(shape);
  const kind = ours.kind === "double" ? "integer" : ours.kind;
  if (kind !== theirs.kind) return [`${path} is a ${ours.kind}, AWS's a ${theirs.kind}`];
  if (ours.kind === "list" && theirs.kind === "list") return differencesFromSdk(ours.of, theirs.of, `${path}[]`, side);
  if (ours.kind === "structure" && theirs.kind === "structure") {
    return [
      ...namesThatDiffer(ours, [...theirs.members.keys()], path),
      ...(side === "input" ? requirementsThatDiffer(ours, theirs.required, path) : []),
      ...Object.entries(ours.fields).flatMap(([name, field]) => {
        const member = theirs.members.get(name);
        return member ? differencesFromSdk(shapeOf(field), member, `${path}.${name}`, side) : [];
      }),
    ];
  }
  if ("sensitive" in theirs) return valuesThatDiffer(path, { sensitive: [isSensitive(ours), theirs.sensitive] });
  return [];
}

/** Lengths, ranges, patterns, enums, secrecy. */
export function differencesFromModel(shape: Shape, model: Model, name: string, path: string): string[] {
  const ours = availableForm(shape);
  const theirs = model.shapes[name];
  if (!theirs) return [`${path} has no shape ${name} in AWS's model`];
  if (ours.kind !== theirs.type) return [`${path} is a ${ours.kind}, AWS's a ${theirs.type}`];
  switch (ours.kind) {
    case "structure":
      return [
        ...namesThatDiffer(ours, Object.keys(theirs.members ?? {}), path),
        ...Object.entries(ours.fields).flatMap(([member, field]) => {
          const of = memberOf(theirs, member);
          return of === undefined ? [] : differencesFromModel(shapeOf(field), model, of, `${path}.${member}`);
        }),
      ];
    case "list":
      return [...limitsThatDiffer(ours, theirs, path), ...differencesFromModel(ours.of, model, theirs.member ?? "", `${path}[]`)];
    case "string":
      return [
        ...limitsThatDiffer(ours, theirs, path),
        ...valuesThatDiffer(path, { pattern: [ours.pattern, theirs.pattern], sensitive: [isSensitive(ours), theirs.sensitive ?? false] }),
        ...valuesThatDiffer(path, { enum: [ours.values?.join(), theirs.enum?.join()] }),
      ];
    case "blob":
      return [
        ...limitsThatDiffer(ours, theirs, path),
        ...valuesThatDiffer(path, { sensitive: [isSensitive(ours), theirs.sensitive ?? false] }),
      ];
    case "integer":
    case "double":
      return limitsThatDiffer(ours, theirs, path);
    default:
      return [];
  }
}

/** The enums that a declaration holds, each with the name of AWS's. */
export function enumsIn(shape: Shape, model: Model, name: string): [name: string, values: readonly string[]][] {
  const ours = availableForm(shape);
  const theirs = model.shapes[name];
  if (!theirs) return [];
  if (ours.kind === "string" && ours.values) return [[name, ours.values]];
  if (ours.kind === "list") return enumsIn(ours.of, model, theirs.member ?? "");
  if (ours.kind !== "structure") return [];
  return Object.entries(ours.fields).flatMap(([member, field]) => enumsIn(shapeOf(field), model, memberOf(theirs, member) ?? ""));
}

function namesThatDiffer({ fields }: StructureShape, theirs: readonly string[], path: string): string[] {
  return [
    ...theirs.filter((name) => !Object.hasOwn(fields, name)).map((name) => `${path}.${name} is absent`),
    ...Object.keys(fields)
      .filter((name) => !theirs.includes(name))
      .map((name) => `${path}.${name} is not AWS's`),
  ];
}

function requirementsThatDiffer({ fields }: StructureShape, required: readonly string[], path: string): string[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    if (isRequired(field) === required.includes(name)) return [];
    return [`${path}.${name} is ${isRequired(field) ? "required" : "optional"} here only`];
  });
}

const limitsThatDiffer = (ours: { min?: number | undefined; max?: number | undefined }, theirs: ModelShape, path: string): string[] =>
  valuesThatDiffer(path, { min: [ours.min, theirs.min], max: [ours.max, theirs.max] });

const isSensitive = (shape: Shape): boolean => "sensitive" in shape && shape.sensitive === true;

type Pairs = Readonly<Record<string, readonly [ours: unknown, theirs: unknown]>>;

const valuesThatDiffer = (path: string, pairs: Pairs): string[] =>
  Object.entries(pairs).flatMap(([name, [ours, theirs]]) => (ours === theirs ? [] : [`${path}: ${name} is ${ours}, AWS's ${theirs}`]));
