/**
 * AWS's own models of the services, as data: names, types, limits, enums, required members and error lists, without the prose.
 *
 * They say what the run-time model of the SDK leaves out. `conformance.test.ts` holds both against the declarations.
 */
import { readFileSync } from "node:fs";

export interface ModelShape {
  readonly type: "structure" | "string" | "blob" | "integer" | "double" | "boolean" | "timestamp" | "list" | "map";
  readonly required?: readonly string[];
  readonly members?: Readonly<Record<string, string | { readonly shape: string }>>;
  readonly member?: string;
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly sensitive?: boolean;
  readonly exception?: boolean;
}

export interface ModelOperation {
  readonly input?: string;
  readonly output?: string;
  readonly errors: readonly string[];
}

export interface Model {
  readonly operations: Readonly<Record<string, ModelOperation>>;
  readonly shapes: Readonly<Record<string, ModelShape>>;
}

export const modelOf = (service: "kms" | "sts" | "iam" | "servicequotas"): Model =>
  JSON.parse(readFileSync(new URL(`${service}.json`, import.meta.url), "utf8"));

/** The shape that a structure's member has. */
export function memberOf({ members = {} }: ModelShape, name: string): string | undefined {
  const member = members[name];
  return typeof member === "object" ? member.shape : member;
}
