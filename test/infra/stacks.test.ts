import { RemovalPolicy } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { describe, expect, test } from "vitest";
import { accessOf, variableOf } from "#access";
import { FACES } from "#faces";
import * as kms from "#kms";
import type { AnyOperation } from "#operation";
import { TABLES, type TableName } from "#store/tables";
import { ACCOUNT, HOME, ofType, REPLICA, type Resource, synthesize } from "./synth.ts";

const DATA = "TrentData";
const REGION = `Trent-${HOME}`;
const rest = synthesize();
const url = synthesize({ ingress: "function-url" });
const data = rest.resources(DATA);
const region = rest.resources(REGION);
const OPERATIONS: readonly AnyOperation[] = Object.values(kms);

const table = (name: TableName): Resource => {
  const found = ofType({ ...data, ...region }, "AWS::DynamoDB::GlobalTable").find(
    ([, { Properties }]) => Properties.TableName === `trent-${name}`,
  );
  if (!found) throw new Error(`There is no table ${name}.`);
  return found[1];
};
const functions = (resources: Readonly<Record<string, Resource>>) =>
  new Map(ofType(resources, "AWS::Lambda::Function").map(([, { Properties }]) => [Properties.FunctionName, Properties]));

describe("the stacks", () => {
  test("hold no custom resource, and refer to no other stack", () => {
    for (const stack of [DATA, REGION, `Trent-${REPLICA}`]) {
      expect(Object.values(rest.resources(stack)).filter(({ Type }) => /^Custom::|CustomResource/.test(Type))).toEqual([]);
      expect(rest.template(stack)).not.toMatch(/Fn::ImportValue|Fn::GetStackOutput|"Export"/);
    }
  });

  test("are the same in every Region but for its name", () => {
    const elsewhere = rest.template(`Trent-${REPLICA}`).replaceAll(REPLICA, HOME);
    const here = rest.template(REGION);
    // The deployment's id is a hash over what it deploys, the Region in it included; so are those of functions' permissions.
    const withoutHashes = (template: string) =>
      template.replace(/(Deployment|Permission)[0-9a-f]{8,}/gi, "$1").replaceAll(/Deployment[0-9A-Fa-f]{40,}/g, "");
    expect(withoutHashes(elsewhere)).toBe(withoutHashes(here));
  });

  test("are deployed after the data they share", () => {
    for (const stack of rest.regions.values()) expect(stack.dependencies).toEqual([rest.data]);
  });
});

describe("a table", () => {
  test.each(Object.entries(TABLES))("%s is as the schema says", (name, schema) => {
    const { Properties, DeletionPolicy } = table(name as TableName);
    const isGlobal = schema.scope === "global";

    expect(Object.values(isGlobal ? data : region)).toContainEqual(expect.objectContaining({ Properties }));
    expect(Properties.Replicas.map((replica: { Region: string }) => replica.Region).sort()).toEqual(isGlobal ? [REPLICA, HOME] : [HOME]);
    for (const replica of Properties.Replicas) {
      expect(replica.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled).toBe(!("shreddable" in schema));
      expect(replica.DeletionProtectionEnabled).toBe(true);
    }
    expect(Properties.TimeToLiveSpecification).toEqual("expires" in schema ? { AttributeName: "expires", Enabled: true } : undefined);
    expect(Properties.GlobalSecondaryIndexes ?? []).toHaveLength(schema.indexes);
    for (const index of Properties.GlobalSecondaryIndexes ?? []) expect(index.Projection.ProjectionType).toBe("KEYS_ONLY");
    expect(Properties.BillingMode).toBe("PAY_PER_REQUEST");
    expect(Properties.SSESpecification).toEqual({ SSEEnabled: false });
    expect(DeletionPolicy).toBe("Retain");
  });

  test("goes with its stack only when that was chosen, and may use the account's key", () => {
    const { resources } = synthesize({ removalPolicy: RemovalPolicy.DESTROY, encryption: "managed", regions: [HOME] });
    for (const [, made] of [
      ...ofType(resources(DATA), "AWS::DynamoDB::GlobalTable"),
      ...ofType(resources(REGION), "AWS::DynamoDB::GlobalTable"),
    ]) {
      expect(made.DeletionPolicy).toBe("Delete");
      expect(made.Properties.Replicas[0].DeletionProtectionEnabled).toBe(false);
      expect(made.Properties.SSESpecification).toEqual({ SSEEnabled: true, SSEType: "KMS" });
    }
  });
});

describe("the roots", () => {
  test("are two secrets, made by Secrets Manager, kept, and replicated to every Region", () => {
    const secrets = ofType(data, "AWS::SecretsManager::Secret").map(([, secret]) => secret);

    expect(secrets.map(({ Properties }) => Properties.Name)).toEqual(["trent/root/control", "trent/root/material"]);
    for (const { Properties, DeletionPolicy } of secrets) {
      expect(Properties.SecretString).toBeUndefined();
      expect(Properties.ReplicaRegions).toEqual([{ Region: REPLICA }]);
      expect(DeletionPolicy).toBe("Retain");
    }
  });

  test("that stand in one Region keep Trent out of the others, with a sentence", () => {
    const roots = { kind: "existing", control: "my/control", material: "my/material", regions: [HOME] } as const;

    expect(() => synthesize({ roots })).toThrow(
      `The root secrets my/control and my/material are in ${HOME}, but Trent is to run in ${REPLICA} too, where nothing could be decrypted`,
    );
    const alone = synthesize({ roots, regions: [HOME] });
    expect(ofType(alone.resources(DATA), "AWS::SecretsManager::Secret")).toEqual([]);
    expect(alone.template(REGION)).toContain("secret:my/material-??????");
  });
});

describe("behind the REST API", () => {
  test("each operation of KMS has a function, each neighbour has one", () => {
    const neighbours = FACES.filter(({ service }) => service !== "kms").map(({ service }) => `trent-${service}`);
    expect([...functions(region).keys()]).toEqual(
      expect.arrayContaining([...OPERATIONS.map(({ name }) => `trent-${name}`), ...neighbours]),
    );
  });

  test.each(OPERATIONS)("the function of $name is given what its operation declares", (served) => {
    const { Properties } = { Properties: functions(region).get(`trent-${served.name}`) };
    const { tables, roots } = accessOf(served);
    const variables: Record<string, string> = Properties.Environment.Variables;

    expect(Properties).toMatchObject({
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Handler: "index.handler",
      Layers: [{ Ref: expect.stringMatching(/Crypto/) }],
    });
    expect(
      Object.keys(variables)
        .filter((name) => name.startsWith("TABLE_"))
        .sort(),
    ).toEqual(Object.keys(tables).map(variableOf).sort());
    expect(variables).toMatchObject({ TRENT_REGION: HOME, TRENT_QUOTAS: "current", TRENT_STATE_CACHE_MS: "1000" });
    expect(Object.values(variables).filter((value) => value.startsWith("trent/root/"))).toEqual(roots.map((root) => `trent/root/${root}`));
    const log = region[Properties.LoggingConfig.LogGroup.Ref]?.Properties;
    expect(log).toEqual({ LogGroupName: `/aws/lambda/trent-${served.name}`, RetentionInDays: 90 });
  });

  test("a function has the memory and time of its class", () => {
    const sizes = (name: string) => {
      const { MemorySize, Timeout } = functions(region).get(`trent-${name}`);
      return [MemorySize, Timeout];
    };
    expect(["CreateKey", "Encrypt", "TagResource", "ListKeys"].map(sizes)).toEqual([
      [1769, 30],
      [1024, 10],
      [512, 15],
      [512, 10],
    ]);
  });

  test("the API is regional, takes no body that it does not know, logs none, and is throttled", () => {
    const [[, { Properties: api }] = []] = ofType(region, "AWS::ApiGateway::RestApi") as [[string, Resource]];
    const [[, { Properties: stage }] = []] = ofType(region, "AWS::ApiGateway::Stage") as [[string, Resource]];
    const methods = ofType(region, "AWS::ApiGateway::Method").map(([, { Properties }]) => Properties);

    expect(api).toMatchObject({ EndpointConfiguration: { Types: ["REGIONAL"] }, SecurityPolicy: expect.stringContaining("TLS13") });
    expect(methods).toHaveLength(1);
    expect(methods[0].Integration).toMatchObject({ Type: "AWS", PassthroughBehavior: "NEVER" });
    expect(stage.MethodSettings).toEqual([
      {
        HttpMethod: "*",
        ResourcePath: "/*",
        DataTraceEnabled: false,
        LoggingLevel: "OFF",
        ThrottlingRateLimit: 10_000,
        ThrottlingBurstLimit: 5_000,
      },
    ]);
    expect(JSON.parse(stage.AccessLogSetting.Format)).not.toHaveProperty("body");
  });
});

test.each([
  ["a REST API", rest],
  ["a function URL", url],
])("AWS's own rules for solutions hold with %s, or say why not", (_, { data, regions }) => {
  const found = [data, ...regions.values()].flatMap((stack) => new AwsSolutionsChecks().validateScope(stack).violations);
  expect(
    found.map(({ ruleName, violatingResources }) => [ruleName, violatingResources.map(({ resourceLogicalId }) => resourceLogicalId)]),
  ).toEqual([]);
});

describe("behind a function URL", () => {
  test("one function serves all, open to everybody as KMS is", () => {
    const resources = url.resources(REGION);

    expect([...functions(resources).keys()].filter((name) => !/timer|operator/.test(name))).toEqual(["trent-dispatcher"]);
    expect(ofType(resources, "AWS::Lambda::Url").map(([, { Properties }]) => Properties.AuthType)).toEqual(["NONE"]);
    expect(ofType(resources, "AWS::ApiGateway::RestApi")).toEqual([]);
  });
});

describe("an alarm", () => {
  const alarms = ofType(region, "AWS::CloudWatch::Alarm");

  test.each(alarms)("%s tells what to do", (_, { Properties }) => {
    expect(Properties.AlarmDescription.length).toBeGreaterThan(100);
    expect(Properties.AlarmDescription.length).toBeLessThanOrEqual(1024);
    expect((Properties.Metrics ?? []).length).toBeLessThanOrEqual(10);
  });

  test("stands for each thing that can go wrong", () => {
    const ids = alarms.map(([id]) => id.replace(/^TrentAlarms(.*)[0-9A-F]{8}$/, "$1")).join(" ");
    for (const part of [
      "ServerErrors",
      "Throttles",
      "OutcomesNotRecorded",
      ...Object.keys(TABLES).map((name) => `table${name.replaceAll("-", "")}`),
    ])
      expect(ids).toContain(part);
  });
});

describe("a stack stays deployable", () => {
  const face = FACES[0];
  if (!face) throw new Error("No face.");
  /** As many operations as KMS has, in as many profiles as the real ones. */
  const all = Array.from({ length: 56 }, (_, n) => {
    const like = OPERATIONS[n % OPERATIONS.length] as AnyOperation;
    return OPERATIONS[n] ?? { ...like, name: `GenerateDataKeyPairWithoutPlaintext${n}` };
  });
  const faces = [{ ...face, operations: Object.fromEntries(all.map((one) => [one.name, one])) }, ...FACES.slice(1)];
  const whole = synthesize({ regions: [HOME] }, { faces });

  test("with all 56 operations: at most 450 resources", () => {
    expect(ofType(whole.resources(REGION), "AWS::Lambda::Function").length).toBeGreaterThanOrEqual(57);
    expect(Object.keys(whole.resources(REGION)).length).toBeLessThanOrEqual(450);
  });

  test("with all 56 operations: no inline policy over 10,240 characters, no template over 1 MB, no mapping template over 300 kB", () => {
    const arn = `arn:aws:logs:ap-southeast-1:${ACCOUNT}:log-group:/aws/lambda/trent-GenerateDataKeyPairWithoutPlaintext:*`;
    for (const [, { Properties }] of [
      ...ofType(whole.resources(REGION), "AWS::IAM::Role"),
      ...ofType(whole.resources(REGION), "AWS::IAM::Policy"),
    ]) {
      const documents = Properties.Policies?.map((policy: { PolicyDocument: object }) => policy.PolicyDocument) ?? [
        Properties.PolicyDocument,
      ];
      const length = JSON.stringify(documents, (_, value) => (value?.["Fn::GetAtt"] ? arn : value)).length;
      expect(length).toBeLessThan(10_240);
    }
    expect(whole.template(REGION).length).toBeLessThan(1_000_000);
    const [[, { Properties: method }] = []] = ofType(whole.resources(REGION), "AWS::ApiGateway::Method") as [[string, Resource]];
    for (const template of Object.values(method.Integration.RequestTemplates))
      expect(JSON.stringify(template).length).toBeLessThan(300_000);
  });
});
