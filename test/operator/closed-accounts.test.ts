import { EncryptCommand } from "@aws-sdk/client-kms";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAccount } from "#operator/create-account";
import { deleteAccount } from "#operator/delete-account";
import { recoverAccount } from "#operator/recover";
import { refusal } from "../iam/refusal.ts";
import { ACCOUNT, type Credentials } from "../service.ts";
import { assume, makeRole, trust } from "../sts/sessions.ts";
import { allow, everything, OTHER, policy, startAsked, to } from "./asked.ts";

let trent: Awaited<ReturnType<typeof startAsked>>;
let caller: Credentials;
const ROOTS = [`arn:aws:iam::${ACCOUNT}:root`, `arn:aws:iam::${OTHER}:root`];

beforeAll(async () => {
  trent = await startAsked();
  await createAccount(trent.deps, { id: OTHER });
  caller = await trent.user("caller", [policy(allow("*"))]);
});
afterAll(() => trent.stop());

const roleIn = (account: string, name: string) =>
  makeRole(trent, name, { account, trust: trust({ AWS: ROOTS }), policies: [policy(allow("*"))] });
const who = (credentials: Credentials) => trent.sts(credentials).send(new GetCallerIdentityCommand());

describe("of a closed account", () => {
  it("roles cannot be assumed by anybody, and sessions end at once; both are back when it is recovered", async () => {
    const role = await roleIn(OTHER, "lender");
    const session = await assume(trent.sts(caller), role);
    expect((await who(session)).Account).toBe(OTHER);

    await deleteAccount(trent.deps, OTHER);
    expect(await refusal(who(session))).toMatchObject({ name: "InvalidClientTokenId", status: 403 });
    const missing = { ...role, arn: role.arn.replace("lender", "never") };
    const refused = await refusal(assume(trent.sts(caller), role));
    expect(refused.text?.replace("lender", "never")).toBe((await refusal(assume(trent.sts(caller), missing))).text);
    expect(refused.name).toBe("AccessDenied");

    await recoverAccount(trent.deps, OTHER);
    expect((await who(session)).Account).toBe(OTHER);
    expect((await who(await assume(trent.sts(caller), role))).Account).toBe(OTHER);
  });

  it("users and sessions reach nothing in other accounts, by roles or by keys", async () => {
    const stranger = await trent.user("stranger", [policy(allow("*"))], OTHER);
    const ours = await roleIn(ACCOUNT, "ours");
    const theirs = await assume(trent.sts(stranger), await roleIn(OTHER, "theirs"));
    const key = await trent.key(everything, allow("kms:Encrypt", to(`arn:aws:iam::${OTHER}:root`)));
    const encrypt = (credentials: Credentials) =>
      trent.kms(credentials).send(new EncryptCommand({ KeyId: key.arn, Plaintext: Buffer.from("text") }));
    for (const credentials of [stranger, theirs]) await encrypt(credentials);
    const chained = await assume(trent.sts(theirs), ours);

    await deleteAccount(trent.deps, OTHER);
    for (const credentials of [stranger, theirs]) {
      expect(await refusal(encrypt(credentials))).toMatchObject({ name: "UnrecognizedClientException" });
      expect(await refusal(assume(trent.sts(credentials), ours))).toMatchObject({ name: "InvalidClientTokenId" });
    }
    // A session of a role in an open account is that account's, whoever assumed the role.
    expect((await who(chained)).Account).toBe(ACCOUNT);
    await recoverAccount(trent.deps, OTHER);
  });
});
