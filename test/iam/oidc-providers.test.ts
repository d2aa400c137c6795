import {
  AddClientIDToOpenIDConnectProviderCommand,
  CreateOpenIDConnectProviderCommand,
  DeleteOpenIDConnectProviderCommand,
  GetOpenIDConnectProviderCommand,
  type IAMClient,
  ListOpenIDConnectProvidersCommand,
  RemoveClientIDFromOpenIDConnectProviderCommand,
  UpdateOpenIDConnectProviderThumbprintCommand,
} from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT, type Service, startService } from "../service.ts";
import { refusal } from "./refusal.ts";

const THUMBPRINT = "6938fd4d98bab03faadb97b34396831e3780aea1";
const arnOf = (url: string) => `arn:aws:iam::${ACCOUNT}:oidc-provider/${url}`;

let service: Service;
let iam: IAMClient;
beforeAll(async () => {
  service = await startService();
  iam = service.iam();
});
afterAll(() => service.stop());

const create = (Url: string, rest = {}) => iam.send(new CreateOpenIDConnectProviderCommand({ Url, ...rest }));
const get = async (url: string) => {
  const { $metadata: _, ...found } = await iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arnOf(url) }));
  return found;
};

describe("an OpenID Connect provider", () => {
  it("is made, shown, listed, changed and deleted", async () => {
    const url = "token.actions.githubusercontent.com";
    const OpenIDConnectProviderArn = arnOf(url);
    const Tags = [{ Key: "a", Value: "b" }];
    const made = await create(`https://${url}`, { ClientIDList: ["sts.amazonaws.com"], ThumbprintList: [THUMBPRINT], Tags });
    expect(made).toMatchObject({ OpenIDConnectProviderArn, Tags });
    await iam.send(new AddClientIDToOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, ClientID: "other" }));
    await iam.send(new AddClientIDToOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, ClientID: "other" }));
    expect(await get(url)).toEqual({
      Url: url,
      ClientIDList: ["sts.amazonaws.com", "other"],
      ThumbprintList: [THUMBPRINT],
      CreateDate: expect.any(Date),
      Tags,
    });
    expect((await service.host.shared.principals.oidcProvider(ACCOUNT, url))?.clientIds).toEqual(["sts.amazonaws.com", "other"]);
    await iam.send(new RemoveClientIDFromOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, ClientID: "other" }));
    await iam.send(new UpdateOpenIDConnectProviderThumbprintCommand({ OpenIDConnectProviderArn, ThumbprintList: [] }));
    expect(await get(url)).toMatchObject({ ClientIDList: ["sts.amazonaws.com"], ThumbprintList: [] });
    expect((await iam.send(new ListOpenIDConnectProvidersCommand({}))).OpenIDConnectProviderList).toEqual([
      { Arn: OpenIDConnectProviderArn },
    ]);
    await iam.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
    await iam.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
    expect(await refusal(get(url))).toEqual({
      name: "NoSuchEntity",
      text: `OpenIDConnect Provider not found for arn ${OpenIDConnectProviderArn}`,
      status: 404,
    });
  });

  it("has a path where its issuer has one, and is the same with a slash at its end", async () => {
    await create("https://Login.example.com/realms/One/");
    expect((await get("login.example.com/realms/One")).Url).toBe("login.example.com/realms/One");
    expect(await refusal(create("https://login.example.com/realms/One"))).toMatchObject({
      name: "EntityAlreadyExists",
      text: "Provider with url https://login.example.com/realms/One already exists.",
    });
  });

  it.each([
    "http://example.com",
    "example.com",
    "https://example.com:8443",
    "https://example.com/?a=b",
    "https://user@example.com",
    "https://",
  ])("cannot be at %s", async (url) => {
    expect(await refusal(create(url))).toMatchObject({ name: "ValidationError", status: 400 });
  });

  it("refuses thumbprints that are none or too many, and ARNs of something else", async () => {
    expect(await refusal(create("https://a.example.com", { ThumbprintList: ["x".repeat(40)] }))).toMatchObject({ name: "InvalidInput" });
    expect(await refusal(create("https://a.example.com", { ThumbprintList: Array(6).fill(THUMBPRINT) }))).toMatchObject({
      name: "InvalidInput",
      text: "Thumbprint list must contain fewer than 5 entries.",
    });
    const OpenIDConnectProviderArn = `arn:aws:iam::${ACCOUNT}:user/alice`;
    expect(await refusal(iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn })))).toMatchObject({
      name: "InvalidInput",
    });
  });

  it("of another account is not found", async () => {
    await create("https://own.example.com");
    const stranger = await service.user(
      "stranger",
      [{ Version: "2012-10-17", Statement: { Effect: "Allow", Action: "*", Resource: "*" } }],
      "444455556666",
    );
    const OpenIDConnectProviderArn = arnOf("own.example.com");
    expect(await refusal(service.iam(stranger).send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn })))).toMatchObject({
      name: "NoSuchEntity",
    });
    await service.iam(stranger).send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
    expect((await get("own.example.com")).Url).toBe("own.example.com");
  });
});
