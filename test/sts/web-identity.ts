/** A service, a role, and identity providers that are registered with its account. */
import { CreateOpenIDConnectProviderCommand } from "@aws-sdk/client-iam";
import { AssumeRoleWithWebIdentityCommand, type AssumeRoleWithWebIdentityCommandInput } from "@aws-sdk/client-sts";
import type { JWTPayload } from "jose";
import { openIdIssuers } from "../../lambdas/issuers/open-id.ts";
import { newSigner, startProviders } from "../issuers/provider.ts";
import { ACCOUNT, startService } from "../service.ts";
import { allow, makeRole, trust } from "./sessions.ts";

export const HOST = "token.actions.example.com";
export const SUBJECT = "repo:octo-org/octo-repo:ref:refs/heads/main";
export const NO_KEY =
  "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements";
export const rejected = (text: string) => ({ name: "InvalidIdentityToken", text, status: 400 });

export const arnOf = (url: string, account = ACCOUNT) => `arn:aws:iam::${account}:oidc-provider/${url}`;
const trusting = (url: string) => {
  const condition = { StringEquals: { [`${url}:aud`]: "sts.amazonaws.com", [`${url}:sub`]: SUBJECT } };
  return trust({ Federated: arnOf(url) }, { actions: ["sts:AssumeRoleWithWebIdentity"], condition });
};

export const seconds = () => Math.floor(Date.now() / 1000);
export const claims = (rest: JWTPayload = {}): JWTPayload => {
  const now = seconds();
  return { iss: `https://${HOST}`, sub: SUBJECT, aud: "sts.amazonaws.com", iat: now, nbf: now, exp: now + 300, ...rest };
};

export type WebIdentityWorld = Awaited<ReturnType<typeof startWebIdentity>>;

export async function startWebIdentity() {
  let elapsed = 0;
  const providers = await startProviders();
  const service = await startService({ issuers: openIdIssuers({ fetch: providers.fetch, elapsed: () => elapsed }) });
  const signer = await newSigner();
  await register(HOST, [signer.jwk]);
  const role = await makeRole(service, "ci", { trust: trusting(HOST), policies: [allow("kms:ListKeys")], longestSession: 7200 });

  /** Registers a provider, which publishes these keys. */
  async function register(url: string, keys: object[] = []): Promise<void> {
    providers.keys.set(url.split("/")[0] ?? url, keys);
    await service.iam().send(new CreateOpenIDConnectProviderCommand({ Url: `https://${url}`, ClientIDList: ["sts.amazonaws.com"] }));
  }

  return {
    ...{ providers, service, signer, role, register },
    /** A role that trusts one subject of a provider. */
    roleFor: (name: string, url: string) => makeRole(service, name, { trust: trusting(url) }),
    call: (WebIdentityToken: string, rest: Partial<AssumeRoleWithWebIdentityCommandInput> = {}) =>
      service.sts().send(new AssumeRoleWithWebIdentityCommand({ RoleArn: role.arn, RoleSessionName: "run-1", WebIdentityToken, ...rest })),
    /** Lets the time pass by which providers are asked again. */
    wait: (milliseconds: number) => {
      elapsed += milliseconds;
    },
    async stop() {
      await service.stop();
      await providers.stop();
    },
  };
}
