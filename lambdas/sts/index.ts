export { getCallerIdentity } from "./get-caller-identity.ts";
