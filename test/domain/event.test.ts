import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { eventOf } from "#domain/event";
import { DATES } from "#domain/event-elements";
import { beganAt, eventIdOf, rowOfEvent, sharedIdOf } from "#domain/event-id";
import type { EventCaller, EventRecord } from "#domain/event-record";
import { serviceEvent } from "#domain/service-event";
import { FACES } from "#faces";
import { lowerFirst } from "#wire/decode";
import { requestId } from "#wire/request-id";
import { type Shape, shapeOf } from "#wire/shape";

const ACCOUNT = "111122223333";
const OTHER = "444455556666";
const KEY = `arn:aws:kms:us-west-2:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const ID = "0190b0a0-1111-7222-8333-444455556666";
const AT = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

const record = (facts: Partial<EventRecord>): EventRecord => ({
  ...{ s: "kms", e: "Encrypt", t: AT, c: { k: "root", a: `arn:aws:iam::${ACCOUNT}:root`, i: ACCOUNT }, ip: "192.0.2.0", ro: 1 },
  ...facts,
});
const shown = (facts: Partial<EventRecord>, account = ACCOUNT) => eventOf({ region: "us-west-2", account, id: ID, record: record(facts) });
const identity = (c: EventCaller) => shown({ c })["userIdentity"];

test("a call as CloudTrail shows it, in CloudTrail's order of members", () => {
  const event = shown({
    c: { k: "user", a: `arn:aws:iam::${ACCOUNT}:user/a/b/Alice`, i: "EX_PRINCIPAL_ID", ak: "EXAMPLE_KEY_ID" },
    ...{ ua: "aws-cli/2", h: "kms.us-west-2.amazonaws.com", tls: ["TLSv1.3", "TLS_AES_256_GCM_SHA384"] },
    ...{ q: { keyId: "alias/a", encryptionContext: { Department: "Engineering" }, encryptionAlgorithm: "SYMMETRIC_DEFAULT" } },
    ...{ r: [KEY], m: ["material"] },
  });
  expect(Object.entries(event)).toEqual(
    Object.entries({
      eventVersion: "1.11",
      userIdentity: {
        type: "IAMUser",
        principalId: "EX_PRINCIPAL_ID",
        arn: `arn:aws:iam::${ACCOUNT}:user/a/b/Alice`,
        accountId: ACCOUNT,
        accessKeyId: "EXAMPLE_KEY_ID",
        userName: "Alice",
      },
      eventTime: "2026-01-02T03:04:05Z",
      eventSource: "kms.amazonaws.com",
      eventName: "Encrypt",
      awsRegion: "us-west-2",
      sourceIPAddress: "192.0.2.0",
      userAgent: "aws-cli/2",
      requestParameters: { keyId: "alias/a", encryptionContext: { Department: "Engineering" }, encryptionAlgorithm: "SYMMETRIC_DEFAULT" },
      responseElements: null,
      additionalEventData: { keyMaterialId: "material" },
      requestID: ID,
      eventID: eventIdOf(ID, ACCOUNT),
      readOnly: true,
      resources: [{ accountId: ACCOUNT, type: "AWS::KMS::Key", ARN: KEY }],
      eventType: "AwsApiCall",
      managementEvent: true,
      recipientAccountId: ACCOUNT,
      eventCategory: "Management",
      tlsDetails: {
        tlsVersion: "TLSv1.3",
        cipherSuite: "TLS_AES_256_GCM_SHA384",
        clientProvidedHostHeader: "kms.us-west-2.amazonaws.com",
      },
    }),
  );
});

describe("the identity of", () => {
  const role = `arn:aws:iam::${ACCOUNT}:role/path/Reader`;
  const session = { k: "role-session", a: `arn:aws:sts::${ACCOUNT}:assumed-role/Reader/me`, i: "AROAX:me", ak: "ASIAX" } as const;
  const issuer = { type: "Role", principalId: "AROAX", arn: role, accountId: ACCOUNT, userName: "Reader" };
  const attributes = { creationDate: "2026-01-02T03:04:05Z", mfaAuthenticated: "false" };

  test("the root user", () => {
    const arn = `arn:aws:iam::${ACCOUNT}:root`;
    expect(identity({ k: "root", a: arn, i: ACCOUNT, ak: "AKIAX" })).toEqual({
      ...{ type: "Root", principalId: ACCOUNT, arn, accountId: ACCOUNT, accessKeyId: "AKIAX" },
    });
  });

  test("a role's session, with what it was made by", () => {
    expect(identity({ ...session, si: ["Role", "AROAX", role, "Reader"], st: AT, so: "alice" })).toEqual({
      ...{ type: "AssumedRole", principalId: "AROAX:me", arn: session.a, accountId: ACCOUNT, accessKeyId: "ASIAX" },
      sessionContext: { sessionIssuer: issuer, webIdFederationData: {}, attributes, sourceIdentity: "alice" },
    });
  });

  test("a role's session that an identity provider vouched for", () => {
    const fp = `arn:aws:iam::${ACCOUNT}:oidc-provider/example.com`;
    expect(identity({ ...session, si: ["Role", "AROAX", role, "Reader"], st: AT, fp })).toMatchObject({
      sessionContext: { webIdFederationData: { federatedProvider: fp, attributes: {} } },
    });
  });

  test("a user with temporary credentials, who has no issuer", () => {
    const arn = `arn:aws:iam::${ACCOUNT}:user/Alice`;
    expect(identity({ k: "user", a: arn, i: "AIDAX", ak: "ASIAX", si: ["IAMUser", "AIDAX", arn, "Alice"], st: AT })).toEqual({
      ...{ type: "IAMUser", principalId: "AIDAX", arn, accountId: ACCOUNT, accessKeyId: "ASIAX", userName: "Alice" },
      sessionContext: { attributes },
    });
  });

  test("a federated user", () => {
    const user = `arn:aws:iam::${ACCOUNT}:user/Alice`;
    const arn = `arn:aws:sts::${ACCOUNT}:federated-user/bob`;
    expect(
      identity({ k: "federated-user", a: arn, i: `${ACCOUNT}:bob`, ak: "ASIAX", si: ["IAMUser", "AIDAX", user, "Alice"], st: AT }),
    ).toMatchObject({
      ...{ type: "FederatedUser", principalId: `${ACCOUNT}:bob`, arn },
      sessionContext: { sessionIssuer: { type: "IAMUser", principalId: "AIDAX", arn: user, accountId: ACCOUNT, userName: "Alice" } },
    });
  });

  test("whom an identity provider vouches for", () => {
    const a = `arn:aws:iam::${ACCOUNT}:oidc-provider/example.com`;
    expect(identity({ k: "provider", a, i: `${a}:audience:repo:mine:main` })).toEqual({
      ...{ type: "WebIdentityUser", principalId: `${a}:audience:repo:mine:main`, userName: "repo:mine:main", identityProvider: a },
    });
  });

  test("somebody of another account says the account alone", () => {
    expect(identity({ k: "account", a: OTHER, i: "AIDAX" })).toEqual({ type: "AWSAccount", principalId: "AIDAX", accountId: OTHER });
  });

  test("Trent itself", () => {
    const own = serviceEvent(ACCOUNT, new Date(AT), { s: "kms", e: "DeleteKey", a: { keyId: KEY }, r: [KEY] });
    const event = eventOf({ region: "us-west-2", account: ACCOUNT, id: ID, record: own });
    expect(event).toMatchObject({
      userIdentity: { accountId: ACCOUNT, invokedBy: "AWS Internal" },
      ...{
        eventType: "AwsServiceEvent",
        eventName: "DeleteKey",
        readOnly: false,
        sourceIPAddress: "AWS Internal",
        userAgent: "AWS Internal",
      },
      ...{ requestParameters: null, responseElements: { keyId: KEY } },
    });
    expect(event).not.toHaveProperty("requestID");
  });
});

describe("a refusal", () => {
  test("for want of permission has CloudTrail's name for it", () => {
    expect(shown({ x: ["AccessDeniedException", "User: a"] })).toMatchObject({ errorCode: "AccessDenied", errorMessage: "User: a" });
    expect(shown({ x: ["DisabledException", `${KEY} is disabled.`] })).toMatchObject({ errorCode: "DisabledException" });
  });

  test("without a text has no message; a long one is cut", () => {
    expect(shown({ x: ["KMSInternalException", ""] })).not.toHaveProperty("errorMessage");
    expect(shown({ x: ["ValidationException", "a".repeat(9000)] })["errorMessage"]).toHaveLength(1024);
  });

  test("does not tell the caller's account that another has such a key", () => {
    const x = ["AccessDeniedException", "no"] as const;
    expect(shown({ e: "Decrypt", x, r: [KEY], q: { encryptionAlgorithm: "SYMMETRIC_DEFAULT" } }, OTHER)).toMatchObject({
      ...{ resources: [], requestParameters: { encryptionAlgorithm: "SYMMETRIC_DEFAULT" } },
    });
  });
});

test("dates in what was answered are text, as CloudTrail's", () => {
  expect(shown({ e: "ScheduleKeyDeletion", a: { deletionDate: Date.UTC(2022, 7, 10, 22, 38, 27) } })["responseElements"]).toEqual({
    deletionDate: "Aug 10, 2022, 10:38:27 PM",
  });
});

test("every member that is a date is known as one", () => {
  const dates = (shape: Shape, name: string): string[] => {
    switch (shape.kind) {
      case "timestamp":
        return [name];
      case "list":
        return dates(shape.of, name);
      case "structure":
        return Object.entries(shape.fields).flatMap(([member, field]) => dates(shapeOf(field), lowerFirst(member)));
      default:
        return [];
    }
  };
  const named = FACES.flatMap(({ operations }) =>
    Object.values(operations).flatMap(({ input, output }) => [...dates(input, ""), ...(output ? dates(output, "") : [])]),
  );
  expect(named.filter((name) => !DATES.has(name))).toEqual([]);
});

describe("the id of an event", () => {
  const ids = fc.date({ min: new Date(0), max: new Date("9999-01-01"), noInvalidDate: true }).map((now) => requestId(now));
  const accounts = fc.stringMatching(/^\d{12}$/);

  test("leads back to its row, and to no other", () => {
    fc.assert(
      fc.property(ids, accounts, (id, account) => {
        const event = eventIdOf(id, account);
        expect(event).not.toBe(id);
        expect(rowOfEvent(event, account)).toBe(id);
        expect(beganAt(event)).toBe(beganAt(id));
      }),
    );
  });

  test("is another one in each account, where the shared one is the same", () => {
    expect(eventIdOf(ID, ACCOUNT)).not.toBe(eventIdOf(ID, OTHER));
    expect(shown({ sh: 1 })["sharedEventID"]).toBe(shown({ sh: 1 }, OTHER)["sharedEventID"]);
    expect(sharedIdOf(ID)).not.toBe(eventIdOf(ID, ACCOUNT));
  });

  test("that is none is of no row", () => {
    expect(rowOfEvent("none", ACCOUNT)).toBeUndefined();
  });
});
