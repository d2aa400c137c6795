/**
 * What bundles have in the place of `@aws-sdk/credential-provider-node`, by `lib/bundle.ts`, for DynamoDB and for the secrets of the roots: a
 * function's credentials are its variables, and nothing else.
 *
 * The SDK would bring clients of three more services, to look in places that a function does not have: a third of the bundle.
 */

/** As the SDK asks for it. @see AWS Lambda Developer Guide, "Defined runtime environment variables" */
export function defaultProvider() {
  return async () => {
    const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = process.env;
    if (!accessKeyId || !secretAccessKey) throw new Error("The function has no credentials.");
    return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
  };
}
