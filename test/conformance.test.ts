/**
 * The declarations against AWS's models: the one that the SDK carries at run time, and the data in `model/`.
 *
 * What differs stands in `DEVIATIONS` with its reason; a reason for a difference that is gone fails too.
 */
import * as iamSdk from "@aws-sdk/client-iam";
import * as kmsSdk from "@aws-sdk/client-kms";
import * as servicequotasSdk from "@aws-sdk/client-service-quotas";
import * as stsSdk from "@aws-sdk/client-sts";
import { describe, expect, test } from "vitest";
import { FAULT_NAMES } from "#domain/fault";
import * as iam from "#iam";
import * as kms from "#kms";
import type { AnyOperation } from "#operation";
import * as servicequotas from "#servicequotas";
import * as sts from "#sts";
import { differencesFromModel, differencesFromSdk, enumsIn } from "./model/compare.ts";
import { type Model, modelOf } from "./model/model.ts";
import { sdkErrors, sdkOperation, sdkOperations } from "./model/sdk.ts";

/** Whole lines of differences, and why they are right. */
const DEVIATIONS: readonly (readonly [differences: RegExp, reason: string])[] = [
  [
    /^\w+\.output\.(Replica)?KeyMetadata\.(CustomKeyStoreId|CloudHsmClusterId|XksKeyConfiguration) is absent$/,
    "No key is in a custom key store.",
  ],
  [/^\w+\.output\.(KeyId|SourceKeyId): min is 20, AWS's 1$/, "It is always a key ARN, and declared as one."],
  [/^ListKeys\.input\.ResourceOwners is not AWS's$/, "It is newer than the pinned SDK; `model/kms.json` has it."],
  [
    /^ListAliases\.output\.Aliases\[\]\.AliasName: (min|max|pattern) is undefined/,
    "What is checked when an alias is made is not declared twice.",
  ],
  [
    /^(Simulate|GetContextKeysFor)\w+\.input\.(PolicyInputList|PermissionsBoundaryPolicyInputList|ActionNames|ResourceArns|ContextEntries|OrderedOrganizationPolicyInputList)(\[\]\.\w+)*(\[\])?: max is \d+, AWS's undefined$/,
    "A simulation takes time for all that it is asked: AWS has limits too, and does not say which.",
  ],
  [
    /^\w+ServiceQuotas?\.output\.Quotas?(\[\])?\.(UsageMetric|ErrorReason|QuotaContext|Description) is absent$/,
    "They are optional, and there is nothing to say.",
  ],
  [
    /^RequestServiceQuotaIncrease\.output\.RequestedQuota\.(RequestType|CaseId|QuotaContext) is absent$/,
    "There are no cases, and no quotas of one resource.",
  ],
  [/^GetCallerIdentity\.output\.Arn: pattern is undefined/, "Outputs are not matched against patterns."],
];

/** Enums that are newer than the pinned SDK. */
const NEWER_ENUMS = new Set(["ResourceOwnerType"]);

const unexplained = (differences: readonly string[]): string[] =>
  differences.filter((line) => !DEVIATIONS.some(([explained]) => explained.test(line)));

interface Declared {
  readonly name: string;
  readonly operation: AnyOperation;
  readonly sdk: object;
  readonly model: Model;
}

const SERVICES = [
  { sdk: kmsSdk, model: modelOf("kms"), operations: kms },
  { sdk: stsSdk, model: modelOf("sts"), operations: sts },
  { sdk: iamSdk, model: modelOf("iam"), operations: iam },
  { sdk: servicequotasSdk, model: modelOf("servicequotas"), operations: servicequotas },
] as const;

const DECLARED: readonly Declared[] = SERVICES.flatMap(({ sdk, model, operations }) =>
  Object.values<AnyOperation>(operations).map((operation) => ({ name: operation.name, operation, sdk, model })),
);

const SIDES = ["input", "output"] as const;

/** An operation without input has an empty structure here. */
const isEmpty = (shape: AnyOperation["input"] | undefined): boolean => Object.keys(shape?.fields ?? {}).length === 0;

function againstSdk({ name, operation, sdk }: Declared): string[] {
  const theirs = sdkOperation(sdk, name);
  return SIDES.flatMap((side) => {
    const [ours, model] = [operation[side], theirs[side]];
    if (ours && model) return differencesFromSdk(ours, model, `${name}.${side}`, side);
    return model || !isEmpty(ours) ? [`${name}.${side} is ${ours ? "not AWS's" : "absent"}`] : [];
  });
}

function againstModel({ name, operation, model }: Declared): string[] {
  const theirs = model.operations[name];
  if (!theirs) return [`${name} is not in AWS's model`];
  return SIDES.flatMap((side) => {
    const shape = operation[side];
    return shape && (theirs[side] !== undefined || !isEmpty(shape))
      ? differencesFromModel(shape, model, theirs[side] ?? "", `${name}.${side}`)
      : [];
  });
}

describe.each(DECLARED)("$name", (declared) => {
  test("has the members of the SDK's model, of their types, and requires the same of its input", () => {
    expect(unexplained(againstSdk(declared))).toEqual([]);
  });

  test("has the lengths, ranges, patterns, enums and secrets of AWS's model", () => {
    expect(unexplained(againstModel(declared))).toEqual([]);
  });

  test("lists the errors of AWS's model", () => {
    expect([...declared.operation.errors].sort()).toEqual([...(declared.model.operations[declared.name]?.errors ?? [])].sort());
  });

  test("has the SDK's enums", () => {
    const { operation, model, sdk, name } = declared;
    const enums = SIDES.flatMap((side) => {
      const shape = operation[side];
      return shape ? enumsIn(shape, model, model.operations[name]?.[side] ?? "") : [];
    });
    for (const [of, values] of enums) {
      // The model's names may begin with a small letter, the SDK's do not.
      const theirs = (sdk as Readonly<Record<string, object>>)[of.charAt(0).toUpperCase() + of.slice(1)];
      if (!NEWER_ENUMS.has(of)) expect([...values].sort(), of).toEqual(Object.values(theirs ?? {}).sort());
    }
  });
});

test("every deviation that is explained is still one", () => {
  const differences = DECLARED.flatMap((declared) => [...againstSdk(declared), ...againstModel(declared)]);
  expect(DEVIATIONS.filter(([explained]) => !differences.some((line) => explained.test(line)))).toEqual([]);
});

test("the SDK and the model in the repository know the same operations of KMS, all 56", () => {
  expect(sdkOperations(kmsSdk)).toEqual(Object.keys(modelOf("kms").operations).sort());
  expect(sdkOperations(kmsSdk)).toHaveLength(56);
});

test("the table of errors has every error of the SDK's model", () => {
  expect(sdkErrors(kmsSdk).filter((name) => !(FAULT_NAMES as readonly string[]).includes(name))).toEqual([]);
});

test("the comparison finds a member that is missing, of another type, wrongly required, too long, or shown though it is secret", () => {
  const [encrypt] = DECLARED.filter(({ name }) => name === "Encrypt") as [Declared];
  const { Plaintext: _, ...others } = encrypt.operation.input.fields;
  const wrong = (fields: AnyOperation["input"]["fields"]): Declared => ({
    ...encrypt,
    operation: { ...encrypt.operation, input: { kind: "structure", fields } },
  });
  const found = (fields: AnyOperation["input"]["fields"]) =>
    unexplained([...againstSdk(wrong(fields)), ...againstModel(wrong(fields))]).sort();
  expect(found(others)).toEqual(["Encrypt.input.Plaintext is absent", "Encrypt.input.Plaintext is absent"]);
  expect(found({ ...others, Plaintext: { kind: "blob", min: 1, max: 4097 } })).toEqual([
    "Encrypt.input.Plaintext is optional here only",
    "Encrypt.input.Plaintext: max is 4097, AWS's 4096",
    "Encrypt.input.Plaintext: sensitive is false, AWS's true",
    "Encrypt.input.Plaintext: sensitive is false, AWS's true",
  ]);
  expect(found({ ...encrypt.operation.input.fields, DryRun: { kind: "integer" } })).toEqual([
    "Encrypt.input.DryRun is a integer, AWS's a boolean",
    "Encrypt.input.DryRun is a integer, AWS's a boolean",
  ]);
});
