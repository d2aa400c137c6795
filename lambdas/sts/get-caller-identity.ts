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
  output: structure({ Arn: required(string({ min: 20, max: 2048 })), UserId: required(string()), Account: required(string()) }),
  errors: [],
  async handle({ caller }) {
    return { Arn: caller.arn, UserId: caller.id, Account: caller.account };
  },
});
