import { describe, expect, test } from "vitest";
import { accessOf, variableOf } from "#access";
import { FACES } from "#faces";
import * as kms from "#kms";
import type { AnyOperation } from "#operation";
import { PATIENCE } from "#store/drivers/dynamodb-client";
import { HOME, ofType, type Resource, synthesize, the } from "./synth.ts";

const STACK = `Trent-${HOME}`;
const rest = synthesize({ regions: [HOME] }).resources(STACK);
const url = synthesize({ ingress: "function-url", regions: [HOME], quotas: "off", stateCacheMs: 0 }).resources(STACK);
const OPERATIONS: readonly AnyOperation[] = Object.values(kms);
const NEIGHBOURS = FACES.filter(({ service }) => service !== "kms");

const functionsIn = (resources: Readonly<Record<string, Resource>>): ReadonlyMap<string, Resource["Properties"]> =>
  new Map(ofType(resources, "AWS::Lambda::Function").map(([, { Properties }]) => [Properties.FunctionName, Properties]));
const functions = functionsIn(rest);
const withoutDuties = (names: Iterable<string>) => [...names].filter((name) => !/^trent-(timer-|operator$)/.test(name));

describe("behind the REST API", () => {
  test("each operation of KMS has a function, and each neighbour one for all of its operations", () => {
    const names = [...OPERATIONS.map(({ name }) => name), ...NEIGHBOURS.map(({ service }) => service)];
    expect(withoutDuties(functions.keys())).toEqual(names.map((name) => `trent-${name}`));
  });

  test.each(OPERATIONS)("the function of $name is given what its operation declares", ({ name, ...operation }) => {
    const { Environment, LoggingConfig, ...Properties } = functions.get(`trent-${name}`);
    const { tables, roots } = accessOf({ name, ...operation });
    const variables: Readonly<Record<string, string>> = Environment.Variables;

    expect(Properties).toMatchObject({ Runtime: "nodejs24.x", Architectures: ["arm64"], Handler: "index.handler" });
    expect(Properties.Layers).toEqual([{ Ref: ofType(rest, "AWS::Lambda::LayerVersion")[0]?.[0] }]);
    const tableVariables = Object.keys(variables).filter((variable) => variable.startsWith("TABLE_"));
    expect(tableVariables.sort()).toEqual(Object.keys(tables).map(variableOf).sort());
    expect(Object.values(variables).filter((value) => value.startsWith("trent/root/"))).toEqual(roots.map((root) => `trent/root/${root}`));
    expect(variables).toMatchObject({ TRENT_REGION: HOME, TRENT_QUOTAS: "current", TRENT_STATE_CACHE_MS: "1000" });
    const log = rest[LoggingConfig.LogGroup.Ref]?.Properties;
    expect(log).toEqual({ LogGroupName: `/aws/lambda/trent-${name}`, RetentionInDays: 90 });
  });

  test("a function has the memory and time of its class", () => {
    const sizes = (name: string) => [functions.get(`trent-${name}`).MemorySize, functions.get(`trent-${name}`).Timeout];
    expect(["CreateKey", "GenerateDataKeyPair", "Encrypt", "Sign", "TagResource", "ListKeys"].map(sizes)).toEqual([
      [1769, 30],
      [1769, 30],
      [1024, 10],
      [1024, 10],
      [512, 15],
      [512, 10],
    ]);
  });

  test("a function outlasts a DynamoDB that is silent, in what it is asked and in its record", () => {
    const limits = withoutDuties(functions.keys()).map((name) => 1000 * functions.get(name).Timeout);
    expect(Math.min(...limits)).toBeGreaterThan(2 * PATIENCE.operationMs + 1000);
  });

  test("the API is regional, takes no body that it does not know, logs none, and is throttled", () => {
    const stage = the(rest, "AWS::ApiGateway::Stage");

    expect(the(rest, "AWS::ApiGateway::RestApi")).toMatchObject({
      EndpointConfiguration: { Types: ["REGIONAL"] },
      SecurityPolicy: expect.stringMatching(/TLS13_1_2/),
    });
    expect(the(rest, "AWS::ApiGateway::Method").Integration).toMatchObject({ Type: "AWS", PassthroughBehavior: "NEVER" });
    expect(stage.MethodSettings).toMatchObject([{ DataTraceEnabled: false, LoggingLevel: "OFF", ThrottlingRateLimit: 10_000 }]);
    expect(stage.AccessLogSetting.Format).not.toMatch(/body|userAgent|\.path|header/);
  });

  test.each(Object.entries<string>(the(rest, "AWS::ApiGateway::Method").Integration.RequestTemplates))(
    "the template for %s leads each target to its function, and knows no other",
    (_, template) => {
      const [, map = ""] = /^#set\(\$targets=(\{.*?\})\)/.exec(template) ?? [];
      expect(JSON.parse(map)).toEqual(Object.fromEntries(OPERATIONS.map(({ name }) => [`TrentService.${name}`, `trent-${name}`])));
      for (const { service } of NEIGHBOURS) expect(template).toContain(`"/${service}/aws4_request"))#set($to="trent-${service}")`);
      expect(template).toContain("$util.base64Encode($input.body)");
      // What a header says never becomes part of a name.
      expect(template.match(/requestOverride[^)]*/g)).toEqual([
        expect.stringMatching(/^requestOverride\.path\.function="arn:aws:lambda:[^$]*\$to"$/),
      ]);
    },
  );

  test("whatever is nobody's goes to the function that may do the least", () => {
    const { RequestTemplates } = the(rest, "AWS::ApiGateway::Method").Integration;
    for (const template of Object.values(RequestTemplates)) expect(template).toContain('#if(!$to)#set($to="trent-GenerateRandom")#end');
  });

  test("what the gateway refuses by itself is refused in the service's words, and says who speaks", () => {
    for (const [, { Properties }] of ofType(rest, "AWS::ApiGateway::GatewayResponse")) {
      expect(Properties.ResponseParameters).toEqual({
        "gatewayresponse.header.x-trent-version": expect.stringMatching(/^'\d+\.\d+\.\d+'$/),
      });
      expect(Properties.ResponseTemplates["application/json"]).toMatch(/^\{"__type":"[A-Za-z]+"|^<AccessDeniedException>/);
    }
  });
});

test("X-Ray sees nothing unless that is chosen; then the door and every function send to it, and may do no more for it", () => {
  expect(ofType(rest, "AWS::Lambda::Function").filter(([, { Properties }]) => Properties.TracingConfig)).toEqual([]);
  const traced = synthesize({ regions: [HOME], tracing: true }).resources(STACK);
  expect(the(traced, "AWS::ApiGateway::Stage").TracingEnabled).toBe(true);
  const modes = ofType(traced, "AWS::Lambda::Function").flatMap(
    ([, { Properties }]) => Properties.FunctionName && [Properties.TracingConfig?.Mode],
  );
  expect(new Set(modes)).toEqual(new Set(["Active"]));
  const statements = (resources: typeof rest) =>
    Object.values(resources).flatMap(
      ({ Properties }) => Properties?.PolicyDocument?.Statement ?? Properties?.Policies?.[0]?.PolicyDocument.Statement ?? [],
    );
  const sends = { Effect: "Allow", Action: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], Resource: "*" };
  const added = statements(traced).filter(({ Action }) => JSON.stringify(Action).includes("xray:"));
  expect(added.length).toBeGreaterThan(5);
  for (const one of added) expect(one).toEqual(sends);
  expect(JSON.stringify(statements(rest))).not.toContain("xray");
});

describe("functions that are kept started", () => {
  const [{ provisioned }, byUrl] = [{ provisioned: { Encrypt: 2, sts: 1 } }, { provisioned: { dispatcher: 3 } }];
  const started = synthesize({ regions: [HOME], provisioned }).resources(STACK);
  const aliases = (resources: typeof rest) =>
    ofType(resources, "AWS::Lambda::Alias").map(([id, { Properties }]) => [id, Properties.ProvisionedConcurrencyConfig] as const);

  test("are none unless they are named", () => {
    expect([...aliases(rest), ...aliases(url)]).toEqual([]);
  });

  test("have an alias with as many, which is what the door leads to and may invoke; the others have none", () => {
    const kept = aliases(started);
    expect(kept.map(([, config]) => config)).toEqual([{ ProvisionedConcurrentExecutions: 2 }, { ProvisionedConcurrentExecutions: 1 }]);
    const templates = Object.values<string>(the(started, "AWS::ApiGateway::Method").Integration.RequestTemplates);
    for (const template of templates) {
      expect(template).toContain('"TrentService.Encrypt":"trent-Encrypt:started"');
      expect(template).toContain('"TrentService.Decrypt":"trent-Decrypt"');
      expect(template).toContain('"/sts/aws4_request"))#set($to="trent-sts:started")');
    }
    const [caller] = ofType(started, "AWS::IAM::Policy").filter(([id]) => /RestCaller/.test(id));
    const invoked: readonly object[] = caller?.[1].Properties.PolicyDocument.Statement[0].Resource;
    for (const [id] of kept) expect(invoked).toContainEqual({ Ref: id });
    const nameOf = (one: object) => started[(one as { "Fn::GetAtt"?: [string] })["Fn::GetAtt"]?.[0] ?? ""]?.Properties.FunctionName;
    expect(invoked.map(nameOf)).not.toContain("trent-Encrypt");
  });

  test("are the dispatcher, with a function URL of theirs", () => {
    const resources = synthesize({ ingress: "function-url", regions: [HOME], ...byUrl }).resources(STACK);
    expect(aliases(resources)).toEqual([[expect.any(String), { ProvisionedConcurrentExecutions: 3 }]]);
    expect(the(resources, "AWS::Lambda::Url")).toMatchObject({ Qualifier: "started" });
  });

  test("are named as they are, or refused with a sentence", () => {
    expect(() => synthesize({ regions: [HOME], provisioned: { encrypt: 1 } })).toThrow(
      "provisioned: there is no function encrypt. There are",
    );
  });
});

describe("behind a function URL", () => {
  test("one function serves all, open to everybody as KMS is", () => {
    expect(withoutDuties(functionsIn(url).keys())).toEqual(["trent-dispatcher"]);
    expect(the(url, "AWS::Lambda::Url").AuthType).toBe("NONE");
    expect(ofType(url, "AWS::ApiGateway::RestApi")).toEqual([]);
  });

  test("what was chosen is told to it", () => {
    const { Variables } = functionsIn(url).get("trent-dispatcher").Environment;
    expect(Variables).toMatchObject({ TRENT_QUOTAS: "off", TRENT_STATE_CACHE_MS: "0" });
  });
});
