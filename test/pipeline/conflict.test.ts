import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSqlite } from "#store/drivers/sqlite";
import { HOME, type Service, startService } from "../service.ts";
import { call } from "./signed-request.ts";

const folder = mkdtempSync(join(tmpdir(), "trent-conflict-"));
const database = openSqlite({ folder });
let service: Service;
beforeAll(async () => {
  service = await startService({ database });
});
afterAll(async () => {
  await service.stop();
  await database.close();
  rmSync(folder, { recursive: true });
});

const newKey = async (): Promise<string> => JSON.parse((await call(service, "CreateKey", {})).text).KeyMetadata.KeyId;
const at20 = <T>(start: (number: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: 20 }, (_, number) => start(number)));

async function tagsOf(KeyId: string): Promise<string[]> {
  const { Tags } = JSON.parse((await call(service, "ListResourceTags", { KeyId })).text);
  return Tags.map(({ TagKey }: { TagKey: string }) => TagKey).sort();
}

test("twenty changes of one key at once all happen", async () => {
  const KeyId = await newKey();
  const answers = await at20((number) => call(service, "TagResource", { KeyId, Tags: [{ TagKey: `tag-${number}`, TagValue: "x" }] }));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  expect(await tagsOf(KeyId)).toEqual(answers.map((_, number) => `tag-${number}`).sort());
});

test("each leaves one record, which names the state that it made, and no two made the same", async () => {
  const KeyId = await newKey();
  const answers = await at20((number) => call(service, "UpdateKeyDescription", { KeyId, Description: `description ${number}` }));
  const records = await Promise.all(answers.map(({ requestId }) => service.records(requestId)));
  const outcomes = records.map((rows) => rows.filter(({ id }) => !id.includes("#I")));
  expect(outcomes.map(({ length }) => length)).toEqual(answers.map(() => 1));
  const versions = outcomes.map(([outcome]) => outcome?.record.w[0].version).sort((a, b) => a - b);
  expect(versions).toEqual(answers.map((_, number) => number + 2));
  const last = outcomes.find(([outcome]) => outcome?.record.w[0].version === 21)?.[0]?.record.q.description;
  expect(JSON.parse((await call(service, "DescribeKey", { KeyId })).text).KeyMetadata.Description).toBe(last);
});

test("changes by different operations do not undo each other", async () => {
  const KeyId = await newKey();
  await Promise.all([
    call(service, "DisableKey", { KeyId }),
    call(service, "UpdateKeyDescription", { KeyId, Description: "kept" }),
    ...Array.from({ length: 10 }, (_, number) =>
      call(service, "TagResource", { KeyId, Tags: [{ TagKey: `tag-${number}`, TagValue: "x" }] }),
    ),
  ]);
  const { KeyState, Description } = JSON.parse((await call(service, "DescribeKey", { KeyId })).text).KeyMetadata;
  expect({ KeyState, Description, tags: (await tagsOf(KeyId)).length }).toEqual({ KeyState: "Disabled", Description: "kept", tags: 10 });
});

test("of twenty that want one alias, one gets it", async () => {
  const KeyId = await newKey();
  const answers = await at20(() => call(service, "CreateAlias", { AliasName: "alias/wanted", TargetKeyId: KeyId }));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.filter(({ error }) => error.name === "AlreadyExistsException")).toHaveLength(19);
});

test("what was decided before somebody else's change is decided again after it", async () => {
  const KeyId = await newKey();
  const [scheduled, ...tagged] = await Promise.all([
    call(service, "ScheduleKeyDeletion", { KeyId, PendingWindowInDays: 7 }),
    ...Array.from({ length: 19 }, (_, number) =>
      call(service, "TagResource", { KeyId, Tags: [{ TagKey: `tag-${number}`, TagValue: "x" }] }),
    ),
  ]);
  expect(scheduled?.status).toBe(200);
  const kept = tagged.filter(({ status }) => status === 200);
  for (const { status, error } of tagged) if (status !== 200) expect(error.name).toBe("KMSInvalidStateException");
  expect(await tagsOf(KeyId)).toHaveLength(kept.length);
  const { rows } = await database.table("keys", HOME).query({ pk: `K#${KeyId}`, limit: 1 });
  expect(rows[0]?.version).toBe(kept.length + 2);
});
