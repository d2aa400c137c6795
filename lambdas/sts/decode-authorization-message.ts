import { Fault } from "#domain/fault";
import { own } from "#domain/quota";
import { operation } from "#operation";
import { required, string, structure } from "#wire/shape";

/** Reads encoded authorization messages. Refusals are answered in plain words here, so no message is one of ours. */
export const decodeAuthorizationMessage = operation({
  name: "DecodeAuthorizationMessage",
  quota: own,
  permission: "sts:DecodeAuthorizationMessage",
  uses: {},
  input: structure({ EncodedMessage: required(string({ min: 1, max: 10240 })) }),
  output: structure({ DecodedMessage: string() }),
  errors: ["InvalidAuthorizationMessageException"],
  async handle() {
    throw new Fault("InvalidAuthorizationMessageException", "Message is not valid");
  },
});
