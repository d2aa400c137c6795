import { own } from "#domain/quota";
import { operation } from "#operation";
import { required, string, structure } from "#wire/shape";

/** Tells who the caller is; nobody needs a permission to ask. */
export const getCallerIdentity = operation({
  name: "GetCallerIdentity",
  quota: own,
  permission: null,
  uses: {},
  input: structure({}),
  output: structure({ UserId: required(string()), Account: required(string()), Arn: required(string({ min: 20, max: 2048 })) }),
  errors: [],
  async handle({ caller }) {
    return { UserId: caller.id, Account: caller.account, Arn: caller.arn };
  },
});
