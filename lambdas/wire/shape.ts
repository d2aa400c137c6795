/**
 * What a value on the wire looks like: Smithy's shapes, as values that types are inferred from.
 *
 * A shape is only a description. `decode.ts` reads JSON by it, `encode.ts` writes JSON by it, `query.ts` does both for the query protocol,
 * and tests compare it with AWS's own model.
 */
import type { Fault } from "#domain/fault";

declare const value: unique symbol;

/** Carries the type of the described value; there is nothing of it at run time. */
interface Describes<T> {
  readonly [value]?: T;
}

export interface StringShape<T extends string = string> extends Describes<T> {
  readonly kind: "string";
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** As AWS's model writes it, and as the message quotes it. The whole value must match. */
  readonly pattern?: string | undefined;
  readonly values?: readonly string[] | undefined;
  /** The values of the enum that this version serves; all of them when absent. */
  readonly available?: readonly T[] | undefined;
  /** Never printed in a message, a log line or a record. */
  readonly sensitive?: boolean | undefined;
  /** What a service says of a value that does not match the pattern, where it says so in a sentence of its own. */
  readonly unlike?: string | undefined;
  /** A rule that is more than grammar, with the error AWS answers when it is broken. */
  readonly refuse?: ((text: string) => Fault | undefined) | undefined;
}

export interface BlobShape extends Describes<Uint8Array> {
  readonly kind: "blob";
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly sensitive?: boolean | undefined;
}

export interface IntegerShape extends Describes<number> {
  readonly kind: "integer";
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

export interface DoubleShape extends Describes<number> {
  readonly kind: "double";
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

export interface BooleanShape extends Describes<boolean> {
  readonly kind: "boolean";
}

export interface TimestampShape extends Describes<Date> {
  readonly kind: "timestamp";
}

export interface ListShape<S extends Shape = Shape> extends Describes<readonly ValueOf<S>[]> {
  readonly kind: "list";
  readonly of: S;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/** String to string; decoded into a Map, so that no name is special, `__proto__` included. */
export interface MapShape extends Describes<ReadonlyMap<string, string>> {
  readonly kind: "map";
  /** Names and values together, in UTF-8, of an encryption context: refused before anything looks at them. */
  readonly contextBytes?: number;
}

export interface StructureShape<F extends Fields = Fields> extends Describes<StructureOf<F>> {
  readonly kind: "structure";
  readonly fields: F;
}

/** A member whose part of AWS's API is not built: refused when it is sent. Its shape is still AWS's. */
export interface UnavailableShape<S extends Shape = Shape> extends Describes<never> {
  readonly kind: "unavailable";
  readonly of: S;
}

export type Shape =
  | StringShape
  | BlobShape
  | IntegerShape
  | DoubleShape
  | BooleanShape
  | TimestampShape
  | ListShape<Shape>
  | MapShape
  | StructureShape<Fields>
  | UnavailableShape<Shape>;

export interface RequiredField<S extends Shape = Shape> {
  readonly field: "required";
  readonly shape: S;
}
export interface DefaultedField<S extends Shape = Shape> {
  readonly field: "defaulted";
  readonly shape: S;
  readonly value: ValueOf<S>;
}
export type Field = Shape | RequiredField<Shape> | DefaultedField<Shape>;
export type Fields = { readonly [member: string]: Field };

export type ValueOf<S> = S extends Describes<infer T> ? T : never;
type Present<F extends Fields> = { [M in keyof F]: F[M] extends { readonly field: string } ? M : never }[keyof F];
export type StructureOf<F extends Fields> = {
  readonly [M in Present<F>]: F[M] extends { readonly shape: infer S } ? ValueOf<S> : never;
} & { readonly [M in Exclude<keyof F, Present<F>>]?: ValueOf<F[M]> | undefined };

export const string = (rules: Omit<StringShape, "kind" | "values" | "available"> = {}): StringShape => ({ kind: "string", ...rules });
export const enumeration = <const T extends string, const A extends T = T>(
  values: readonly T[],
  rules: { readonly available?: readonly A[] } = {},
): StringShape<A> => ({
  kind: "string",
  values,
  ...rules,
});
export const blob = (rules: Omit<BlobShape, "kind"> = {}): BlobShape => ({ kind: "blob", ...rules });
export const integer = (rules: Omit<IntegerShape, "kind"> = {}): IntegerShape => ({ kind: "integer", ...rules });
export const double = (rules: Omit<DoubleShape, "kind"> = {}): DoubleShape => ({ kind: "double", ...rules });
export const boolean: BooleanShape = { kind: "boolean" };
export const timestamp: TimestampShape = { kind: "timestamp" };
export const list = <S extends Shape>(of: S, rules: { readonly min?: number; readonly max?: number } = {}): ListShape<S> => ({
  kind: "list",
  of,
  ...rules,
});
export const map: MapShape = { kind: "map" };
export const structure = <const F extends Fields>(fields: F): StructureShape<F> => ({ kind: "structure", fields });
export const unavailable = <S extends Shape>(of: S): UnavailableShape<S> => ({ kind: "unavailable", of });

/** The member must be there. */
export const required = <S extends Shape>(shape: S): RequiredField<S> => ({ field: "required", shape });
/** The member is this when it is not sent. */
export const withDefault = <S extends Shape>(shape: S, value: ValueOf<S>): DefaultedField<S> => ({ field: "defaulted", shape, value });

export const shapeOf = (field: Field): Shape => ("field" in field ? field.shape : field);
