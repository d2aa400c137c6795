import { KeySpec, KeyUsageType } from "@aws-sdk/client-kms";
import { type AlgorithmFor, algorithmsOf } from "#domain/key-spec";
import type { Kms, TestKey } from "./start.ts";

/** Every spec with every usage: those that go together have algorithms. SM2 is China's own, and not in this version. */
export const MATRIX = Object.values(KeySpec).flatMap((spec) =>
  spec === "SM2" ? [] : Object.values(KeyUsageType).map((usage) => ({ spec, usage, algorithms: algorithmsOf({ spec, usage }) })),
);
export const KINDS = MATRIX.filter(({ algorithms }) => algorithms.length > 0);

/** The specs of one usage, each with each of its algorithms. */
export const ofUsage = <U extends KeyUsageType>(usage: U) =>
  KINDS.flatMap((kind) =>
    kind.usage === usage ? kind.algorithms.map((algorithm) => ({ spec: kind.spec, algorithm: algorithm as AlgorithmFor<U> })) : [],
  );

/** One key of each kind for the tests of a file, made when it is first asked for. */
export function keysOf(kms: Kms): (KeySpec: KeySpec, KeyUsage: KeyUsageType) => Promise<TestKey> {
  const made = new Map<string, Promise<TestKey>>();
  return (KeySpec, KeyUsage) => {
    const name = `${KeySpec} ${KeyUsage}`;
    const key = made.get(name) ?? kms.key({ KeySpec, KeyUsage });
    made.set(name, key);
    return key;
  };
}
