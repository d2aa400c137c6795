/** The clients of the pack, in the order of the README's table. */
export { awsCli } from "./aws-cli.ts";
export { boto3 } from "./boto3.ts";
export { cosign } from "./cosign.ts";
export { encryptionSdkJs } from "./encryption-sdk-js.ts";
export { encryptionSdkPython } from "./encryption-sdk-python.ts";
export { goKmsWrapping } from "./go-kms-wrapping.ts";
export { sdkGo } from "./sdk-go.ts";
export { sdkJava } from "./sdk-java.ts";
export { sdkJs } from "./sdk-js.ts";
export { sdkRust } from "./sdk-rust.ts";
export { sops } from "./sops.ts";
export { tink } from "./tink.ts";
