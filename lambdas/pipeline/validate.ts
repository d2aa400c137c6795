import type { AnyOperation } from "#operation";
import { decode } from "#wire/decode";
import type { Step } from "./exchange.ts";

/** JSON to input, by the operation's shape, with AWS's messages. */
export function validate(operation: AnyOperation): Step {
  return {
    before({ event: call }) {
      call.input = decode(operation.input, call.json);
    },
  };
}
