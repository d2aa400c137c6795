import {
  CreateGrantCommand,
  CreateKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  type KMSClient,
  type KMSServiceException,
  ListGrantsCommand,
  ListKeysCommand,
  ListRetirableGrantsCommand,
  RetireGrantCommand,
  RevokeGrantCommand,
} from "@aws-sdk/client-kms";
import { GetCallerIdentityCommand, GetSessionTokenCommand } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { userIdentityOf } from "#domain/event-identity";
import { explainCall } from "#operator/explain";
import { removeService } from "#operator/remove-service";
import { allow, deny, everything, OTHER, policy, ROOT, to } from "../operator/asked.ts";
import { ACCOUNT, type Credentials, HOME } from "../service.ts";
import { forwardAccess, S3, saying, startServices } from "./calling-services.ts";

const LOGS = "logs.us-east-1.amazonaws.com";
const BUCKET = `arn:aws:s3:::photos-${ACCOUNT}-bucket`;
const TRAIL = `arn:aws:cloudtrail:us-east-1:${ACCOUNT}:trail/main`;
const VIA = `s3.${HOME}.amazonaws.com`;
const Plaintext = Buffer.from("x");

let trent: Awaited<ReturnType<typeof startServices>>;
let s3: Credentials;
let alice: Credentials & { readonly arn: string };
beforeAll(async () => {
  trent = await startServices();
  s3 = await trent.register();
  alice = await trent.user("alice", [policy(allow("kms:*"))]);
});
afterAll(() => trent.stop());

const service = (principal: string, more: object = {}) => ({ Principal: { Service: principal }, ...more });
const when = (operator: string, condition: object) => ({ Condition: { [operator]: condition } });
const encrypts = (client: KMSClient, KeyId: string) => outcome(client.send(new EncryptCommand({ KeyId, Plaintext })));
const outcome = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "done",
    ({ name }: Error) => name,
  );
const ofItself = (headers: Readonly<Record<string, string>> = {}, signed = true) => saying(trent.kms(s3), headers, signed);

describe("a service that calls as itself", () => {
  it("may what a key policy lets it, and nothing else", async () => {
    const [open, closed] = [await trent.key(everything, allow("kms:Encrypt", service(S3))), await trent.key()];
    expect(await encrypts(ofItself(), open.arn)).toBe("done");
    expect(await encrypts(ofItself(), closed.arn)).toBe("AccessDeniedException");
    expect(await outcome(ofItself().send(new DisableKeyCommand({ KeyId: open.arn })))).toBe("AccessDeniedException");
    expect(await outcome(ofItself().send(new ListKeysCommand({})))).toBe("AccessDeniedException");
  });

  it("is not what its account is: a key that names the account does not name it", async () => {
    const key = await trent.key(everything, allow("kms:Encrypt", to(ROOT)));
    expect(await encrypts(ofItself(), key.arn)).toBe("AccessDeniedException");
  });

  it.each([
    ["aws:SourceArn", "ArnEquals", { "aws:SourceArn": BUCKET }],
    ["aws:SourceAccount", "StringEquals", { "aws:SourceAccount": ACCOUNT }],
  ])("is held to the %s that the policy names", async (name, operator, condition) => {
    const key = await trent.key(everything, allow("kms:Encrypt", service(S3, when(operator, condition))));
    const header = name === "aws:SourceArn" ? "x-trent-source-arn" : "x-trent-source-account";
    const said = Object.values(condition)[0] as string;
    expect(await encrypts(ofItself({ [header]: said }), key.arn)).toBe("done");
    expect(await encrypts(ofItself({ [header]: `${said}x` }), key.arn)).toBe("AccessDeniedException");
    expect(await encrypts(ofItself(), key.arn)).toBe("AccessDeniedException");
    expect(await encrypts(ofItself({ [header]: said }, false), key.arn)).toBe("IncompleteSignatureException");
  });

  it("is known to conditions as a service, and as no user", async () => {
    const condition = {
      Bool: { "aws:PrincipalIsAWSService": "true", "aws:ViaAWSService": "false" },
      StringEquals: { "aws:PrincipalServiceName": S3 },
      "ForAnyValue:StringEquals": { "aws:PrincipalServiceNamesList": S3 },
      Null: { "kms:CallerAccount": "true", "aws:PrincipalAccount": "true", "aws:PrincipalArn": "true", "kms:ViaService": "true" },
    };
    const key = await trent.key(everything, allow("kms:Encrypt", service(S3, { Condition: condition })));
    expect(await encrypts(ofItself(), key.arn)).toBe("done");
  });

  it("uses a key by a grant to it, for the resource that the grant names, and may list and retire the grant", async () => {
    const key = await trent.key();
    const logs = await trent.register(LOGS);
    await trent.kms().send(
      new CreateGrantCommand({
        KeyId: key.id,
        GranteeServicePrincipal: LOGS,
        RetiringServicePrincipal: LOGS,
        Operations: ["Encrypt"],
        Constraints: { SourceArn: TRAIL },
      }),
    );
    const calling = (arn: string) => saying(trent.kms(logs), { "x-trent-source-arn": arn });
    expect(await encrypts(calling(TRAIL), key.arn)).toBe("done");
    expect(await encrypts(calling(`${TRAIL}2`), key.arn)).toBe("AccessDeniedException");
    expect(await encrypts(saying(trent.kms(s3), { "x-trent-source-arn": TRAIL }), key.arn)).toBe("AccessDeniedException");

    const list = (client: KMSClient, principal: string) =>
      client.send(new ListRetirableGrantsCommand({ RetiringServicePrincipal: principal }));
    const [grant] = (await list(trent.kms(logs), LOGS)).Grants ?? [];
    expect(grant).toMatchObject({ GranteeServicePrincipal: LOGS, Operations: ["Encrypt"] });
    expect(await outcome(list(trent.kms(s3), LOGS))).toBe("AccessDeniedException");
    expect(await outcome(list(trent.kms(), LOGS))).toBe("AccessDeniedException");
    const retire = (client: KMSClient) => outcome(client.send(new RetireGrantCommand({ KeyId: key.arn, GrantId: grant?.GrantId })));
    expect(await retire(trent.kms(s3))).toBe("AccessDeniedException");
    expect(await retire(trent.kms(logs))).toBe("done");
  });

  it("uses keys of other accounts, and is recorded as the service in both", async () => {
    const owner = await trent.user("records", [policy(allow("kms:*"))], OTHER);
    const statements = [allow("kms:*", to(`arn:aws:iam::${OTHER}:root`)), allow("kms:Encrypt", service(S3))];
    const made = await trent.kms(owner).send(new CreateKeyCommand({ Policy: JSON.stringify(policy(...statements)) }));
    const KeyId = made.KeyMetadata?.Arn ?? "";
    const { $metadata } = await ofItself().send(new EncryptCommand({ KeyId, Plaintext }));
    for (const account of [ACCOUNT, OTHER]) {
      const [row] = await trent.records($metadata.requestId, HOME, account);
      expect(userIdentityOf(row?.record.c)).toEqual({ type: "AWSService", invokedBy: S3 });
    }
  });

  it("stops with its registration", async () => {
    const gone = await trent.register("gone.amazonaws.com");
    expect((await trent.sts(gone).send(new GetCallerIdentityCommand({}))).Arn).toBe("gone.amazonaws.com");
    await removeService(trent.deps, "gone.amazonaws.com");
    expect(await outcome(trent.sts(gone).send(new GetCallerIdentityCommand({})))).toMatch(/InvalidClientTokenId|UnrecognizedClient/);
  });

  it("gets no session of its own", async () => {
    expect(await outcome(trent.sts(s3).send(new GetSessionTokenCommand({})))).toMatch(/AccessDenied/);
  });
});

describe("what a service says of its calls", () => {
  it("is ignored where somebody else says it", async () => {
    const key = await trent.key(everything, deny("kms:Encrypt", { ...to("*"), ...when("ArnEquals", { "aws:SourceArn": BUCKET }) }));
    const headers = { "x-trent-source-arn": BUCKET, "x-trent-forward-access": "nonsense" };
    expect(await encrypts(saying(trent.kms(alice), headers), key.id)).toBe("done");
  });
});

describe("a service that calls on somebody's behalf", () => {
  const via = (principal: string) => ({ StringEquals: { "kms:ViaService": principal } });

  it("may what they may, and they need not be let in without it", async () => {
    const key = await trent.key(everything, deny("kms:Encrypt", { ...to("*"), Condition: { Bool: { "aws:ViaAWSService": "false" } } }));
    const bob = await trent.user("bob");
    expect(await encrypts(trent.kms(alice), key.id)).toBe("AccessDeniedException");
    expect(await encrypts(await trent.onBehalfOf(s3, alice), key.id)).toBe("done");
    expect(await encrypts(await trent.onBehalfOf(s3, bob), key.id)).toBe("AccessDeniedException");
  });

  it("is known to conditions by its name and Region", async () => {
    const condition = {
      StringEquals: {
        ...via("s3.us-east-1.amazonaws.com").StringEquals,
        "aws:CalledViaFirst": S3,
        "aws:CalledViaLast": S3,
        "kms:CallerAccount": ACCOUNT,
        "aws:PrincipalArn": alice.arn,
      },
      "ForAnyValue:StringEquals": { "aws:CalledVia": S3 },
      Bool: { "aws:ViaAWSService": "true", "aws:PrincipalIsAWSService": "false" },
    };
    const key = await trent.key(everything, { ...deny("kms:Encrypt", to("*")), Condition: condition });
    expect(await encrypts(await trent.onBehalfOf(s3, alice), key.id)).toBe("AccessDeniedException");
    expect(await encrypts(trent.kms(alice), key.id)).toBe("done");
  });

  it("acts for a session as well", async () => {
    const { Credentials: issued } = await trent.sts(alice).send(new GetSessionTokenCommand({}));
    const session = {
      accessKeyId: issued?.AccessKeyId ?? "",
      secretAccessKey: issued?.SecretAccessKey ?? "",
      sessionToken: issued?.SessionToken ?? "",
    };
    expect(await encrypts(await trent.onBehalfOf(s3, session), (await trent.key()).id)).toBe("done");
  });

  it("grants, lists and revokes for AWS resources, where that alone is allowed", async () => {
    const only = when("Bool", { "kms:GrantIsForAWSResource": "true" });
    const carol = await trent.user("carol", [policy(allow(["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"], only))]);
    const { id: KeyId } = await trent.key();
    const grant = { KeyId, GranteePrincipal: carol.arn, Operations: ["Encrypt" as const] };
    const forCarol = await trent.onBehalfOf(s3, carol);
    const { GrantId } = await forCarol.send(new CreateGrantCommand(grant));
    expect((await forCarol.send(new ListGrantsCommand({ KeyId }))).Grants).toHaveLength(1);
    for (const direct of [new CreateGrantCommand(grant), new ListGrantsCommand({ KeyId }), new RevokeGrantCommand({ KeyId, GrantId })])
      expect(await outcome(trent.kms(carol).send(direct as ListGrantsCommand))).toBe("AccessDeniedException");
    expect(await outcome(forCarol.send(new RevokeGrantCommand({ KeyId, GrantId })))).toBe("done");
  });

  it("is recorded with them", async () => {
    const client = await trent.onBehalfOf(s3, alice);
    const { $metadata } = await client.send(new EncryptCommand({ KeyId: (await trent.key()).id, Plaintext }));
    const [row] = await trent.records($metadata.requestId);
    expect(userIdentityOf(row?.record.c)).toMatchObject({ type: "IAMUser", arn: alice.arn, invokedBy: S3 });
  });

  it("needs what they have handed to it, for it, here and now", async () => {
    const key = await trent.key();
    const calls = async (access: string, signed = true) =>
      encrypts(saying(trent.kms(s3), { "x-trent-forward-access": access }, signed), key.id);
    const handed = (principal: string | undefined, more: object = {}) => forwardAccess(trent.url, alice, principal, more);
    expect(await calls(await handed(S3))).toBe("done");
    expect(await calls(await handed(S3), false)).toBe("IncompleteSignatureException");
    expect(await calls(await handed(LOGS))).toBe("InvalidSignatureException");
    expect(await calls(await handed(undefined))).toBe("AccessDeniedException");
    expect(await calls(await handed(S3, { action: "AssumeRole" }))).toBe("AccessDeniedException");
    expect(await calls(await handed(S3, { region: "eu-west-1" }))).toBe("AccessDeniedException");
    expect(await calls(await handed(S3, { service: "kms" }))).toBe("InvalidSignatureException");
    expect(await calls(await handed(S3, { at: new Date(Date.now() - 16 * 60_000) }))).toBe("InvalidSignatureException");
    expect(await calls("https://trent.example/")).toBe("AccessDeniedException");
    expect(await calls("nonsense")).toBe("AccessDeniedException");
    const forged = { ...alice, secretAccessKey: "x".repeat(40) };
    expect(await calls(await forwardAccess(trent.url, forged, S3))).toBe("InvalidSignatureException");
    expect(await calls(await forwardAccess(trent.url, s3, S3))).toBe("AccessDeniedException");
  });

  it("acts for them on keys only: no credentials are made of what it was handed", async () => {
    const access = await forwardAccess(trent.url, alice, S3);
    const sts = trent.sts(s3);
    sts.middlewareStack.add(
      (next) => (args) => {
        Object.assign((args.request as { headers: object }).headers, { "x-trent-forward-access": access });
        return next(args);
      },
      { step: "build" },
    );
    expect(await outcome(sts.send(new GetSessionTokenCommand({})))).toMatch(/AccessDenied/);
  });
});

describe("trent explain, of a call by a service", () => {
  const explained = async (KeyId: string, client: KMSClient) => {
    const { $metadata } = await client.send(new EncryptCommand({ KeyId, Plaintext })).catch((cause: KMSServiceException) => cause);
    return explainCall(trent.deps, $metadata.requestId ?? "");
  };

  it("decides as the call did, on behalf of somebody and as itself", async () => {
    const through = await trent.key(everything, allow("kms:Encrypt", { ...to("*"), ...when("StringEquals", { "kms:ViaService": VIA }) }));
    const open = await trent.key(everything, allow("kms:Encrypt", service(S3)));
    const plain = await trent.user("plain");
    for (const [key, client, kind] of [
      [through, await trent.onBehalfOf(s3, plain), "user"],
      [open, ofItself(), "service"],
    ] as const) {
      const { was, is, differs, caller } = await explained(key.id, client);
      expect([was.decision, is.decision, differs, caller.kind, caller.standing]).toEqual(["allowed", "allowed", false, kind, "there"]);
    }
  });

  it("of one that is registered no more says that it is gone", async () => {
    const gone = await trent.register("gone.amazonaws.com");
    const key = await trent.key(everything, allow("kms:Encrypt", service("gone.amazonaws.com")));
    const sent = await trent.kms(gone).send(new EncryptCommand({ KeyId: key.arn, Plaintext }));
    await removeService(trent.deps, "gone.amazonaws.com");
    expect((await explainCall(trent.deps, sent.$metadata.requestId ?? "", ACCOUNT)).caller.standing).toBe("gone");
  });
});
