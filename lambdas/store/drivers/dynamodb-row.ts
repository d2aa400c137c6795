import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Row, RowKey } from "../port.ts";

/** A row as DynamoDB keeps it. */
export type Attributes = Record<string, AttributeValue>;

/** A sum that `add` can add to: kept as a number, where other bodies are text. */
const COUNTER = /^(?:0|-?[1-9][0-9]{0,14})$/;

export const keyOf = ({ pk, sk }: RowKey): Attributes => ({ pk: { S: pk }, sk: { S: sk } });

export function attributesOf(row: Row): Attributes {
  const { version, body, mac, index1, index2, expires } = row;
  return {
    ...keyOf(row),
    v: { N: String(version) },
    body: !mac && COUNTER.test(body) ? { N: body } : { S: body },
    ...(mac ? { mac: { B: mac.tag }, mk: { N: String(mac.key) } } : {}),
    ...(index1 ? { i1pk: { S: index1.pk }, i1sk: { S: index1.sk } } : {}),
    ...(index2 ? { i2pk: { S: index2.pk }, i2sk: { S: index2.sk } } : {}),
    ...(expires === undefined ? {} : { expires: { N: String(expires) } }),
  };
}

export function rowOf(attributes: Attributes): Row {
  const { pk, sk, v, body, mac, mk, i1pk, i1sk, i2pk, i2sk, expires } = attributes;
  return {
    pk: textOf(pk),
    sk: textOf(sk),
    version: Number(v?.N),
    body: textOf(body),
    ...(mac?.B ? { mac: { tag: mac.B, key: Number(mk?.N) } } : {}),
    ...(i1pk ? { index1: { pk: textOf(i1pk), sk: textOf(i1sk) } } : {}),
    ...(i2pk ? { index2: { pk: textOf(i2pk), sk: textOf(i2sk) } } : {}),
    ...(expires ? { expires: Number(expires.N) } : {}),
  };
}

export const textOf = (value: AttributeValue | undefined): string => value?.S ?? value?.N ?? "";

/** The same version, body and MAC: written by the same call. */
export function sameRow(a: Row, b: Row | undefined): boolean {
  return b?.version === a.version && b.body === a.body && b.mac?.key === a.mac?.key && sameBytes(a.mac?.tag, b.mac?.tag);
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a && b ? Buffer.compare(a, b) === 0 : a === b;
}
