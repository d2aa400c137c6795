import { CreateAliasCommand } from "@aws-sdk/client-kms";
import { expect, it } from "vitest";
import { deletion, runDue } from "#timers";
import { storedGrant } from "../kms/granting.ts";
import { aliasItem, keyItem, startKms } from "../kms/start.ts";
import { HOME } from "../service.ts";

const kms = startKms();

it("when the waiting period of a key is over, its grants go with it; another key's stay", async () => {
  const [doomed, other] = [await kms.key(), await kms.key()];
  await kms.client.send(new CreateAliasCommand({ AliasName: "alias/doomed", TargetKeyId: doomed.id }));
  await Promise.all(Array.from({ length: 250 }, () => storedGrant(kms, doomed.id)));
  const kept = await storedGrant(kms, other.id);
  await kms.schedule(doomed.id);
  kms.advance({ days: 7 });
  expect(await runDue(deletion, kms.host.timers, HOME)).toMatchObject({ done: 1, failed: 0 });

  const rowsOf = async (id: string) =>
    (await kms.database.table("keys", HOME).query({ pk: `K#${id}`, limit: 10 })).rows.map(({ sk }) => sk);
  expect(await rowsOf(doomed.id)).toEqual([]);
  expect(await rowsOf(other.id)).toEqual([`G#${kept.id}`, "KEY"]);

  // A record of fifty thousand changes could not be stored: that of the key stands for its grants.
  const record = (await kms.log()).map((row) => row.record).find(({ e, i }) => e === "DeleteKey" && i === undefined);
  const changed = record.w.map(({ table, pk, sk, version }: Record<string, string>) => `${table}/${pk}/${sk}@${version}`);
  expect(changed).toEqual([keyItem(doomed.id, 0), aliasItem("alias/doomed", 0)]);
});
