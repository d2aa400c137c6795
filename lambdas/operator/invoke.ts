import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { Refusal } from "./act.ts";

/** The name of the function that `lib` deploys for the operator. */
export const operatorFunctionOf = (stack: string): string => `${stack}-operator`;

/**
 * Asks the operator's function of a deployed Trent, with the AWS credentials at hand, in this Region or that of the environment.
 *
 * What is answered is not logged by anybody on the way.
 * @throws {Refusal} with the function's own line.
 */
export async function invokeOperator(
  stack: string,
  region: string | undefined,
  request: object,
): Promise<Readonly<Record<string, unknown>>> {
  const client = new LambdaClient(region === undefined ? {} : { region });
  try {
    const { Payload: payload, FunctionError: failed } = await client.send(
      new InvokeCommand({ FunctionName: operatorFunctionOf(stack), Payload: Buffer.from(JSON.stringify(request)) }),
    );
    const answer = JSON.parse(Buffer.from(payload ?? []).toString() || "null") ?? {};
    if (failed !== undefined) throw new Error(`The function failed: ${String(answer.errorMessage ?? failed)}`);
    if (typeof answer.refused === "string") throw new Refusal(answer.refused);
    return answer;
  } finally {
    client.destroy();
  }
}
