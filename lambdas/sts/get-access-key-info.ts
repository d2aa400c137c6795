import { Fault } from "#domain/fault";
import { own } from "#domain/quota";
import { accountInKeyId } from "#domain/session-key-id";
import { operation } from "#operation";
import { required, string, structure } from "#wire/shape";
import { accessKeyId } from "#wire/sts-members";

/** Tells whose account an access key is of, whatever account asks. A temporary one's id says so itself, so it is told even when it has expired. */
export const getAccessKeyInfo = operation({
  name: "GetAccessKeyInfo",
  quota: own,
  permission: "sts:GetAccessKeyInfo",
  uses: { principals: "read" },
  input: structure({ AccessKeyId: required(accessKeyId) }),
  output: structure({ Account: required(string()) }),
  errors: [],
  async handle({ input: { AccessKeyId: id }, stores: { principals } }) {
    const inId = accountInKeyId(id);
    const found = inId === undefined ? (await principals.accessKey(id))?.account : (await principals.account(inId))?.id;
    // AWS's text is UNVERIFIED.
    if (found === undefined) throw new Fault("ValidationException", `Invalid Access Key ID: ${id}`);
    return { Account: found };
  },
});
