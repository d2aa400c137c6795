import { Fault } from "#domain/fault";

const REASONS =
  "because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access";

/** Key of another account, there or not: the answer is the same. @see IAM User Guide, "Troubleshoot access denied error messages". */
export const unknownForeign = (caller: string, permission: string): Fault =>
  new Fault("AccessDeniedException", `User: ${caller} is not authorized to perform: ${permission} on this resource ${REASONS}`);

export const unknownCiphertext = (caller: string, permission: string): Fault =>
  new Fault(
    "AccessDeniedException",
    `User: ${caller} is not authorized to perform: ${permission} on the resource associated with this ciphertext ${REASONS}`,
  );
