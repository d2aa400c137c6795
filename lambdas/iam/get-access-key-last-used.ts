import { anyResource } from "#domain/iam-resource";
import { own } from "#domain/quota";
import { noSuchKey } from "#domain/user";
import { operation } from "#operation";
import { accessKeyId, existingUserName } from "#wire/iam-members";
import { required, string, structure, timestamp } from "#wire/shape";

/** Tells whose an access key is, and when, for what and where it was last used: at most a quarter of an hour stale, and to the minute. */
export const getAccessKeyLastUsed = operation({
  name: "GetAccessKeyLastUsed",
  quota: own,
  permission: "iam:GetAccessKeyLastUsed",
  resource: async ({ AccessKeyId }, { caller, principals }) => {
    const accessKey = await principals.accessKey(AccessKeyId);
    const user = accessKey?.account === caller.account ? await principals.userOf(accessKey) : undefined;
    return user ? { arn: user.arn, said: `user ${user.name}`, tags: user.tags } : anyResource;
  },
  uses: { principals: "read", lastUses: "read" },
  input: structure({ AccessKeyId: required(accessKeyId) }),
  output: structure({
    UserName: existingUserName,
    AccessKeyLastUsed: structure({ LastUsedDate: timestamp, ServiceName: required(string()), Region: required(string()) }),
  }),
  errors: [],
  async handle({ input: { AccessKeyId: id }, caller, stores: { principals, lastUses } }) {
    const accessKey = await principals.accessKey(id);
    const user = accessKey?.account === caller.account ? await principals.userOf(accessKey) : undefined;
    if (!user) throw noSuchKey(id);
    const last = await lastUses.of(id);
    return {
      UserName: user.name,
      AccessKeyLastUsed: last
        ? { LastUsedDate: last.at, ServiceName: last.service, Region: last.region }
        : { ServiceName: "N/A", Region: "N/A" },
    };
  },
});
