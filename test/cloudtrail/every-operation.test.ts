/** The event of every operation of KMS, member by member. @see AWS KMS Developer Guide, "Examples of AWS KMS log entries" */
import { describe, expect, test } from "vitest";
import * as kmsOperations from "#kms";
import type { AnyOperation } from "#operation";
import { sceneOf } from "../access/every-operation-world.ts";
import { type Answered, startKms } from "../kms/start.ts";
import { commonOf, EXPECTED, eventLeftBy, identityOf, resourceOf } from "./expected.ts";

const kms = startKms();
const OPERATIONS = Object.values<AnyOperation>(kmsOperations);

test("every operation has a line", () => {
  expect(OPERATIONS.map(({ name }) => name).filter((name) => !EXPECTED[name])).toEqual([]);
});

describe.each(OPERATIONS.map((operation) => [operation.name, operation] as const))("%s", (name, operation) => {
  test("that is answered", async () => {
    const scene = await sceneOf(kms, operation);
    const { resources, ...shown } = EXPECTED[name]?.(scene) ?? { requestParameters: "no line" };
    const done = await scene.call(kms.client);
    expect(await eventLeftBy(kms, done)).toEqual({
      ...commonOf(name, done),
      userIdentity: identityOf(kms),
      responseElements: null,
      ...shown,
      resources: (resources ?? [scene.keys.key.arn]).map(resourceOf),
    });
  });

  test("that is refused", async () => {
    const scene = await sceneOf(kms, operation);
    const someone = await kms.someone();
    const error = await scene.call(someone.client).then(
      () => Promise.reject(new Error("The call was not refused.")),
      (cause: Answered & Error) => cause,
    );
    const {
      additionalEventData: _,
      resources: __,
      responseElements: ___,
      ...shown
    } = EXPECTED[name]?.(scene) ?? { requestParameters: "no line" };
    const event = await eventLeftBy(kms, error);
    expect(event).toMatchObject({
      ...commonOf(name, error),
      userIdentity: { type: "IAMUser", arn: someone.arn, principalId: someone.id },
      errorCode: "AccessDenied",
      errorMessage: error.message,
      responseElements: null,
      ...(name === "CreateKey" ? {} : shown),
    });
    expect(Object.keys(event)).toEqual(expect.arrayContaining(["resources"]));
  });
});
