/** What a process that stops between two writes leaves behind of a user: garbage, never somebody who is two. */
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteUserCommand,
  GetUserCommand,
  ListUsersCommand,
  UpdateUserCommand,
} from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database, TableName } from "#store";
import { openSqlite } from "#store/drivers/sqlite";
import type { Table } from "#store/port";
import { refusal } from "../iam/refusal.ts";
import { ACCOUNT, type Credentials, type Service, startService } from "../service.ts";

let service: Service;
/** Writes to the table of principals that still succeed. */
let left = Number.POSITIVE_INFINITY;

function mortal(database: Database): Database {
  const spend = () => {
    if (left <= 0) throw new Error("The process has stopped.");
    left -= 1;
  };
  const wrap = (table: Table): Table => ({
    ...table,
    async put(row, replacing) {
      spend();
      await table.put(row, replacing);
    },
    async delete(key, version) {
      spend();
      await table.delete(key, version);
    },
  });
  return {
    ...database,
    table: (name: TableName, region) => (name === "principals" ? wrap : (same: Table) => same)(database.table(name, region)),
  };
}

beforeAll(async () => {
  service = await startService({ database: mortal(openSqlite({ memory: true })) });
});
afterAll(() => service.stop());
beforeEach(() => {
  left = Number.POSITIVE_INFINITY;
});

const names = async () => {
  const { Users } = await service.iam().send(new ListUsersCommand({ PathPrefix: "/" }));
  return Users?.map(({ UserName }) => UserName).filter((name) => name !== "administrator");
};
const who = async (user: Credentials) => (await service.sts(user).send(new GetCallerIdentityCommand())).Arn;
const rename = (UserName: string, NewUserName: string) => service.iam().send(new UpdateUserCommand({ UserName, NewUserName }));

describe("a renaming that is cut off after", () => {
  test.each([0, 1, 2])("%i writes has not happened, can be done again, and the new name is free", async (writes) => {
    const [old, wanted] = [`old-${writes}`, `new-${writes}`];
    const user = await service.newUser(old);
    left = writes;
    expect(await refusal(rename(old, wanted))).toMatchObject({ name: "InternalFailure" });
    left = Number.POSITIVE_INFINITY;

    expect(await names()).toContain(old);
    expect(await names()).not.toContain(wanted);
    expect(await refusal(service.iam().send(new GetUserCommand({ UserName: wanted })))).toMatchObject({ name: "NoSuchEntity" });
    expect(await who(user)).toBe(`arn:aws:iam::${ACCOUNT}:user/${old}`);

    const { User } = await service.iam().send(new CreateUserCommand({ UserName: wanted }));
    expect(await names()).toEqual(expect.arrayContaining([old, wanted]));
    await rename(wanted, `other-${writes}`);
    await rename(old, wanted);
    expect(await who(user)).toBe(`arn:aws:iam::${ACCOUNT}:user/${wanted}`);
    expect((await service.iam().send(new GetUserCommand({ UserName: `other-${writes}` }))).User?.UserId).toBe(User?.UserId);
  });

  test("three writes has happened", async () => {
    const user = await service.newUser("whole");
    left = 3;
    await rename("whole", "renamed");
    left = Number.POSITIVE_INFINITY;
    expect(await who(user)).toBe(`arn:aws:iam::${ACCOUNT}:user/renamed`);
    expect(await names()).not.toContain("whole");
  });
});

test.each([0, 1, 2, 3])("a renaming back that is cut off after %i writes leaves one user", async (writes) => {
  const [first, second] = [`first-${writes}`, `second-${writes}`];
  const user = await service.newUser(first);
  await rename(first, second);
  left = writes;
  await refusal(rename(second, first));
  left = Number.POSITIVE_INFINITY;
  const of = (await names())?.filter((name) => name === first || name === second);
  expect(of).toEqual([second]);
  expect(await who(user)).toBe(`arn:aws:iam::${ACCOUNT}:user/${second}`);
  await rename(second, first);
  expect(await who(user)).toBe(`arn:aws:iam::${ACCOUNT}:user/${first}`);
});

test.each(["rename", "remove"] as const)("a renaming that was cut off does not come back with the next %s", async (next) => {
  const [old, cut] = [`cut-${next}`, `lost-${next}`];
  await service.iam().send(new CreateUserCommand({ UserName: old }));
  left = 2;
  expect(await refusal(rename(old, cut))).toMatchObject({ name: "InternalFailure" });
  left = Number.POSITIVE_INFINITY;
  if (next === "rename") await rename(old, `kept-${next}`);
  else await service.iam().send(new DeleteUserCommand({ UserName: old }));
  expect(await names()).not.toContain(cut);
  expect(await refusal(service.iam().send(new GetUserCommand({ UserName: cut })))).toMatchObject({ name: "NoSuchEntity" });
});

test("making a user that is cut off leaves nobody, and can be done again", async () => {
  for (const writes of [0, 1]) {
    left = writes;
    const create = () => service.iam().send(new CreateUserCommand({ UserName: "halfway" }));
    expect(await refusal(create())).toMatchObject({ name: "InternalFailure" });
    left = Number.POSITIVE_INFINITY;
    expect(await names()).not.toContain("halfway");
  }
  await service.iam().send(new CreateUserCommand({ UserName: "halfway" }));
  expect(await names()).toContain("halfway");
});

test("an access key that is cut off before its user lists it is worth nothing", async () => {
  const { principals } = service.host.shared;
  await service.iam().send(new CreateUserCommand({ UserName: "keyless" }));
  left = 1;
  expect(await refusal(service.iam().send(new CreateAccessKeyCommand({ UserName: "keyless" })))).toMatchObject({ name: "InternalFailure" });
  left = Number.POSITIVE_INFINITY;
  expect((await principals.user(ACCOUNT, "keyless"))?.accessKeys).toEqual([]);
});
