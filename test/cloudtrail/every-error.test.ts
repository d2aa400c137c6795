/** The event of every error that an operation of KMS declares, member by member. */
import { afterEach, describe, expect, test } from "vitest";
import * as kmsOperations from "#kms";
import type { AnyOperation } from "#operation";
import { sceneOf } from "../access/every-operation-world.ts";
import { type Answered, startKms } from "../kms/start.ts";
import { ACCOUNT } from "../service.ts";
import { commonOf, EXPECTED, eventLeftBy, identityOf, resourceOf } from "./expected.ts";
import { PROVOKED, UNPROVOKED } from "./provoked.ts";

const kms = startKms();
const OPERATIONS = Object.values<AnyOperation>(kmsOperations);
const DECLARED = OPERATIONS.flatMap((operation) => operation.errors.map((error) => ({ operation, error: String(error) })));

const provokeOf = (error: string, name: string) => PROVOKED[error]?.[name] ?? PROVOKED[error]?.usual;
/** A reason of one operation goes before what is usual. */
function reasonOf(error: string, name: string): string | undefined {
  const reason = UNPROVOKED[error];
  return typeof reason === "object" ? reason[name] : reason;
}

test("every declared error is provoked, or has its reason why not", () => {
  const odd = DECLARED.filter(({ operation: { name }, error }) => reasonOf(error, name) === undefined && !provokeOf(error, name));
  expect(odd.map(({ operation, error }) => `${operation.name} ${error}`)).toEqual([]);
  const declared = new Set(DECLARED.map(({ error }) => error));
  expect([...Object.keys(PROVOKED), ...Object.keys(UNPROVOKED)].filter((error) => !declared.has(error))).toEqual([]);
});

let after: (() => unknown) | undefined;
afterEach(() => after?.());

describe.each(OPERATIONS.map((operation) => [operation.name, operation] as const))("%s", (name, operation) => {
  test.each(operation.errors.filter((error) => reasonOf(error, name) === undefined))("%s", async (error) => {
    const scene = await sceneOf(kms, operation);
    const provoked = (await provokeOf(error, name)?.(scene, kms, operation)) ?? {};
    after = provoked.after;
    const refusal = await scene.call(kms.client, { ...scene.input, ...provoked.input }).then(
      () => Promise.reject(new Error("The call was not refused.")),
      (cause: Answered & Error) => cause,
    );
    await after?.();
    after = undefined;
    expect(`${refusal.name}: ${refusal.message}`).toMatch(new RegExp(`^${error}: `));
    const { requestParameters, resources, additionalEventData } = EXPECTED[name]?.(scene) ?? {};
    const said = provoked.said === null ? null : { ...(requestParameters as object), ...provoked.said };
    expect(await eventLeftBy(kms, refusal)).toEqual({
      ...commonOf(name, refusal),
      ...(provoked.late && { eventTime: `2026-06-${String(1 + provoked.late).padStart(2, "0")}T12:00:00Z` }),
      userIdentity: identityOf(kms),
      errorCode: error,
      // The SDK's word for no text.
      ...(refusal.message !== "UnknownError" && { errorMessage: refusal.message }),
      requestParameters: said && Object.keys(said).length > 0 ? said : null,
      responseElements: null,
      ...(provoked.isWhole && additionalEventData && { additionalEventData }),
      resources: (provoked.resources ?? resources ?? [scene.keys.key.arn]).map((arn) => resourceOf(arn)),
      recipientAccountId: ACCOUNT,
    });
  });
});
