import { randomBytes, secretKey } from "@trent/crypto";
import { requireEntity } from "#domain/entity";
import { ID_BYTES, uniqueId } from "#domain/entity-id";
import { userResource } from "#domain/iam-resource";
import { own } from "#domain/quota";
import { userNameOf, withKey } from "#domain/user";
import { operation } from "#operation";
import { accessKeyId, existingUserName, status, userName } from "#wire/iam-members";
import { required, string, structure, timestamp } from "#wire/shape";

/** Makes an access key for a user, or the caller. Its secret is in this answer, and never again. */
export const createAccessKey = operation({
  name: "CreateAccessKey",
  quota: own,
  permission: "iam:CreateAccessKey",
  resource: ({ UserName }, facts) => userResource(UserName, facts),
  uses: { principals: "write" },
  input: structure({ UserName: existingUserName }),
  output: structure({
    AccessKey: required(
      structure({
        UserName: required(userName),
        AccessKeyId: required(accessKeyId),
        Status: required(status),
        SecretAccessKey: required(string({ sensitive: true })),
        CreateDate: timestamp,
      }),
    ),
  }),
  errors: ["NoSuchEntityException", "LimitExceededException", "ServiceFailureException"],
  async handle({ input: { UserName }, caller, stores: { principals }, now }) {
    const named = userNameOf(UserName, caller);
    const user = requireEntity(await principals.user(caller.account, named), "user", named);
    const id = uniqueId("AKIA", randomBytes(ID_BYTES));
    const listed = withKey(user, { id, active: true, created: now });
    const random = randomBytes(30);
    const secret = random.toString("base64");
    random.fill(0);
    const { account, name } = user;
    await principals.createAccessKey({ id, account, user: name, userId: user.id }, secretKey(Buffer.from(secret)));
    await principals.replaceUser(user, listed);
    return { AccessKey: { UserName: name, AccessKeyId: id, Status: "Active" as const, SecretAccessKey: secret, CreateDate: now } };
  },
});
