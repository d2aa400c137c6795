/** What each kind of key refuses: algorithms that its spec has not, operations of another usage, and to show what is secret. */
import { GetPublicKeyCommand } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { isAsymmetric } from "#domain/key-spec";
import { KINDS, keysOf } from "./every-spec-matrix.ts";
import { USES } from "./every-spec-uses.ts";
import { KINDS as SHOWN } from "./kinds.ts";
import { members, startKms } from "./start.ts";

const kms = startKms();
const keyOf = keysOf(kms);

describe.each(KINDS)("a key of $spec for $usage", { timeout: 60_000 }, ({ spec, usage, algorithms }) => {
  const key = () => keyOf(spec, usage);
  const symmetric = async () => (await keyOf("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")).id;

  it("refuses each algorithm that its spec has not", async () => {
    const { id } = await key();
    for (const use of USES.filter((each) => each.usage === usage)) {
      for (const algorithm of use.algorithms.filter((each) => !algorithms.includes(each))) {
        const refused = await kms.refused(use.ask(kms.client, id, algorithm, await symmetric()));
        expect(`${use.name}: ${refused}`).toBe(
          `${use.name}: InvalidKeyUsageException: Algorithm ${algorithm} is incompatible with key spec ${spec}.`,
        );
      }
    }
  });

  it("refuses each operation of another usage, whatever the algorithm", async () => {
    const { id, arn } = await key();
    for (const use of USES.filter((each) => each.usage !== usage)) {
      for (const algorithm of use.algorithms) {
        expect(await kms.refused(use.ask(kms.client, id, algorithm, await symmetric()))).toBe(
          `InvalidKeyUsageException: ${arn} key usage is ${usage} which is not valid for ${use.name}.`,
        );
      }
    }
  });

  it(isAsymmetric(spec) ? "shows its public half, and what it is for" : "has no public half to show", async () => {
    const { id, arn } = await key();
    const shown = kms.client.send(new GetPublicKeyCommand({ KeyId: id }));
    if (!isAsymmetric(spec)) return expect(await kms.refused(shown)).toBe("UnsupportedOperationException");
    const [, , lists] = SHOWN.find(([of, to]) => of === spec && to === usage) ?? [];
    expect(members(await shown)).toEqual({
      KeyId: arn,
      PublicKey: expect.any(Uint8Array),
      CustomerMasterKeySpec: spec,
      KeySpec: spec,
      KeyUsage: usage,
      ...lists,
    });
    expect(Object.values(lists ?? {})).toEqual([algorithms]);
  });
});
