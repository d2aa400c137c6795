/** @see IAM User Guide, "AWS global condition context keys", "NotPrincipal", "NotAction"; AWS KMS Developer Guide, "AWS global condition keys" */
import { describe, expect, it } from "vitest";
import { setPolicy } from "../kms/permissions.ts";
import { ADMINISTRATOR, allowing, policyOf, startKms } from "../kms/start.ts";
import { ACCOUNT } from "../service.ts";
import { createKey, dataKey, decrypt, describeKey, encrypt, getKeyPolicy, listKeys } from "./acts.ts";
import { enablesIam, everything, itDecides, ROOT } from "./examples.ts";
import { SAID } from "./refusals.ts";

// biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
const USERNAME = "${aws:username}";
const encrypting = (Condition: object) => [{ Action: "kms:Encrypt", Condition }];
const denying = (Condition: object) => [everything, { Effect: "Deny" as const, Action: "kms:Encrypt", Condition }];
const NOWHERE = "203.0.113.0/24";
const EVERYWHERE = ["0.0.0.0/0", "::/0"];

describe("conditions on who calls, from where and when", () => {
  const kms = startKms();

  const holds: Record<string, (arn: string, id: string) => object> = {
    "aws:PrincipalArn": (arn) => ({ ArnEquals: { "aws:PrincipalArn": arn } }),
    "aws:PrincipalArn as text": (arn) => ({ StringEquals: { "aws:PrincipalArn": [ADMINISTRATOR, arn] } }),
    "aws:PrincipalArn like a pattern": () => ({ ArnLike: { "aws:PrincipalArn": `arn:aws:iam::${ACCOUNT}:user/user-*` } }),
    "aws:username": (arn) => ({ StringEquals: { "aws:username": arn.split("/").at(-1) } }),
    "aws:username in other letters": (arn) => ({ StringEqualsIgnoreCase: { "aws:username": arn.split("/").at(-1)?.toUpperCase() } }),
    "aws:username as a variable": () => ({ StringEquals: { "aws:username": USERNAME } }),
    "aws:userid": (_, id) => ({ StringEquals: { "aws:userid": id } }),
    "aws:PrincipalType": () => ({ StringEquals: { "aws:PrincipalType": "User" } }),
    "aws:SourceIp": () => ({ IpAddress: { "aws:SourceIp": EVERYWHERE } }),
    "aws:SourceIp elsewhere": () => ({ NotIpAddress: { "aws:SourceIp": NOWHERE } }),
    "aws:CurrentTime": () => ({
      DateGreaterThan: { "aws:CurrentTime": "2020-01-01T00:00:00Z" },
      DateLessThan: { "aws:CurrentTime": "2100-01-01T00:00:00Z" },
    }),
    "aws:EpochTime": () => ({ NumericGreaterThan: { "aws:EpochTime": "1577836800" } }),
    "a key that the call does not have, if it has it": () => ({ StringEqualsIfExists: { "aws:SourceVpce": "vpce-1a2b3c4d" } }),
    "a key that the call does not have, negated": () => ({ StringNotEquals: { "aws:SourceVpce": "vpce-1a2b3c4d" } }),
    "the absence of a key (Null)": () => ({ Null: { "aws:TokenIssueTime": "true" } }),
  };
  const holdsNot: typeof holds = {
    "another's aws:PrincipalArn": () => ({ ArnEquals: { "aws:PrincipalArn": ADMINISTRATOR } }),
    "the ARN in other letters": (arn) => ({ ArnEquals: { "aws:PrincipalArn": arn.replace("user/user", "user/USER") } }),
    "an ARN pattern of another account": () => ({ ArnLike: { "aws:PrincipalArn": "arn:aws:iam::999988887777:user/*" } }),
    "another's aws:username": () => ({ StringEquals: { "aws:username": "administrator" } }),
    "aws:username in other letters": (arn) => ({ StringEquals: { "aws:username": arn.split("/").at(-1)?.toUpperCase() } }),
    "aws:SourceIp elsewhere": () => ({ IpAddress: { "aws:SourceIp": NOWHERE } }),
    "any aws:SourceIp, negated": () => ({ NotIpAddress: { "aws:SourceIp": EVERYWHERE } }),
    "a past aws:CurrentTime": () => ({ DateLessThan: { "aws:CurrentTime": "2020-01-01T00:00:00Z" } }),
    "a future aws:CurrentTime": () => ({ DateGreaterThan: { "aws:CurrentTime": "2100-01-01T00:00:00Z" } }),
    "a key that the call does not have": () => ({ StringEquals: { "aws:SourceVpce": "vpce-1a2b3c4d" } }),
    "the presence of a key (Null)": () => ({ Null: { "aws:TokenIssueTime": "false" } }),
    "MFA, of an access key": () => ({ Bool: { "aws:MultiFactorAuthPresent": "true" } }),
    "one of two that does not hold": (arn) => ({
      ArnEquals: { "aws:PrincipalArn": arn },
      IpAddress: { "aws:SourceIp": NOWHERE },
    }),
  };

  for (const [of, condition] of Object.entries(holds)) {
    itDecides(kms, {
      of: `allow by ${of}`,
      key: ({ arn, id }) => encrypting(condition(arn, id)),
      allows: { "to encrypt": encrypt() },
      refuses: { "what it does not name": dataKey() },
    });
    itDecides(kms, {
      of: `deny by ${of}`,
      key: ({ arn, id }) => denying(condition(arn, id)),
      allows: { "what it does not name": dataKey() },
      refuses: { "to encrypt": encrypt() },
      why: "denied by key policy",
    });
  }
  for (const [of, condition] of Object.entries(holdsNot)) {
    itDecides(kms, {
      of: `allow by ${of}`,
      key: ({ arn, id }) => encrypting(condition(arn, id)),
      allows: {},
      refuses: { "to encrypt": encrypt() },
    });
    itDecides(kms, {
      of: `deny by ${of}`,
      key: ({ arn, id }) => denying(condition(arn, id)),
      allows: { "to encrypt": encrypt() },
      refuses: {},
    });
  }

  const unheard = { StringEquals: { "aws:NoSuchKey": "a" } };
  itDecides(kms, { of: "allow by a key that nobody has", key: encrypting(unheard), allows: {}, refuses: { "to encrypt": encrypt() } });
  itDecides(kms, {
    // AWS would let the call pass: there, a key that does not exist is one that the call does not have. Here it may be one that is not built.
    of: "deny by a key that nobody has",
    key: denying(unheard),
    allows: { "what it does not name": dataKey() },
    refuses: { "to encrypt": encrypt() },
  });

  itDecides(kms, {
    of: "deny without MFA, or where nothing is known of it (BoolIfExists)",
    identity: denying({ BoolIfExists: { "aws:MultiFactorAuthPresent": "false" } }),
    allows: { "what it does not name": dataKey() },
    refuses: { "an access key": encrypt() },
    why: "denied by identity policy",
  });

  it("aws:SecureTransport is either true or false", async () => {
    const key = await kms.key();
    const outcomes = await Promise.all(
      ["true", "false"].map(async (secure) => {
        const Condition = { Bool: { "aws:SecureTransport": secure } };
        const user = await kms.someone([policyOf({ Effect: "Allow", Action: "kms:Encrypt", Resource: "*", Condition })]);
        const why = SAID["no identity policy"]({ who: user.arn, action: "kms:Encrypt", on: key.arn });
        return encrypt()
          .by(user.client, key, user)
          .then(
            () => "allowed",
            ({ name, message }: Error) => (`${name}: ${message}` === why ? "refused" : message),
          );
      }),
    );
    expect(outcomes.sort()).toEqual(["allowed", "refused"]);
  });
});

describe("statements about all others", () => {
  const kms = startKms();
  const deny = (who: object) => ({ Effect: "Deny", ...who, Action: "kms:Encrypt", Resource: "*" });
  const tried = async (Statement: (arn: string) => object) => {
    const [key, exempt, other] = [await kms.key(), await kms.someone([allowing("kms:*")]), await kms.someone([allowing("kms:*")])];
    await setPolicy(kms, key.id, [enablesIam, Statement(exempt.arn)]);
    const denied = ({ arn }: { arn: string }) => SAID["denied by key policy"]({ who: arn, action: "kms:Encrypt", on: key.arn });
    return { key, exempt, other, denied };
  };

  it("Deny with NotPrincipal spares who is named, with the account", async () => {
    const { key, exempt, other, denied } = await tried((arn) => deny({ NotPrincipal: { AWS: [ROOT, arn] } }));
    expect((await kms.told(await encrypt().by(exempt.client, key, exempt))).caller).toBe(exempt.arn);
    expect(await kms.refused(encrypt().by(other.client, key, other))).toBe(denied(other));
    expect((await kms.told(await dataKey().by(other.client, key, other))).caller).toBe(other.arn);
  });

  it("Deny with NotPrincipal that does not name the account denies all of it", async () => {
    const { key, exempt, other, denied } = await tried((arn) => deny({ NotPrincipal: { AWS: arn } }));
    for (const user of [exempt, other]) expect(await kms.refused(encrypt().by(user.client, key, user))).toBe(denied(user));
  });

  it("Deny to everybody unless aws:PrincipalArn is somebody's, which is the better way", async () => {
    const { key, exempt, other, denied } = await tried((arn) =>
      deny({ Principal: "*", Condition: { ArnNotEquals: { "aws:PrincipalArn": arn } } }),
    );
    expect((await kms.told(await encrypt().by(exempt.client, key, exempt))).caller).toBe(exempt.arn);
    expect(await kms.refused(encrypt().by(other.client, key, other))).toBe(denied(other));
  });

  itDecides(kms, {
    of: "a key policy that allows all but some actions (NotAction)",
    key: [{ NotAction: ["kms:Decrypt", "kms:Get*"] }],
    allows: { "others, to encrypt": encrypt(), "others, to describe": describeKey() },
    refuses: { "the one": decrypt(kms), "what is like the other": getKeyPolicy() },
  });

  itDecides(kms, {
    of: "an identity policy that denies all but some actions (NotAction)",
    identity: [everything, { Effect: "Deny", NotAction: ["kms:Encrypt", "kms:List*"] }],
    allows: { "the one": encrypt(), "what is like the other": listKeys },
    refuses: { "others, to decrypt": decrypt(kms), "others, to describe": describeKey(), "others, to make keys": createKey() },
    why: "denied by identity policy",
  });

  it("NotResource in an identity policy means all but those keys", async () => {
    const [spared, other] = [await kms.key(), await kms.key()];
    const user = await kms.someone([policyOf({ Effect: "Allow", Action: "kms:Encrypt", NotResource: spared.arn })]);
    expect((await kms.told(await encrypt().by(user.client, other, user))).caller).toBe(user.arn);
    expect(await kms.refused(encrypt().by(user.client, spared, user))).toBe(
      SAID["no identity policy"]({ who: user.arn, action: "kms:Encrypt", on: spared.arn }),
    );
  });
});
