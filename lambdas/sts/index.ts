export { assumeRole } from "./assume-role.ts";
export { assumeRoleWithWebIdentity } from "./assume-role-with-web-identity.ts";
export { decodeAuthorizationMessage } from "./decode-authorization-message.ts";
export { getAccessKeyInfo } from "./get-access-key-info.ts";
export { getCallerIdentity } from "./get-caller-identity.ts";
export { getFederationToken } from "./get-federation-token.ts";
export { getSessionToken } from "./get-session-token.ts";
