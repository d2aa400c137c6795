import { Fault } from "./fault.ts";
import type { Key } from "./key.ts";
import { isImportable, type KeySpec, type KeyUsage, requireCompatible } from "./key-spec.ts";

interface KindAskedFor {
  readonly KeySpec?: KeySpec | undefined;
  readonly CustomerMasterKeySpec?: KeySpec | undefined;
  readonly KeyUsage?: KeyUsage | undefined;
}

/** With the default filled in: what policies are asked about. */
export const specAskedFor = ({ KeySpec, CustomerMasterKeySpec }: KindAskedFor): KeySpec =>
  KeySpec ?? CustomerMasterKeySpec ?? "SYMMETRIC_DEFAULT";
export const usageAskedFor = ({ KeyUsage }: KindAskedFor): KeyUsage => KeyUsage ?? "ENCRYPT_DECRYPT";

/** What kind of key is asked for. @see AWS KMS API Reference, CreateKey: KeyUsage may be left out for symmetric encryption keys only. */
export function kindOf(input: KindAskedFor & { readonly Origin: Key["origin"] }) {
  if (input.KeySpec !== undefined && input.CustomerMasterKeySpec !== undefined) {
    // AWS's text is UNVERIFIED.
    throw new Fault(
      "ValidationException",
      "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.",
    );
  }
  const spec = specAskedFor(input);
  if (input.KeyUsage === undefined && spec !== "SYMMETRIC_DEFAULT") {
    throw new Fault("ValidationException", "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.");
  }
  const usage = usageAskedFor(input);
  requireCompatible(spec, usage);
  // "You cannot import key material into" these. AWS's text is UNVERIFIED.
  if (input.Origin === "EXTERNAL" && !isImportable(spec))
    throw new Fault("UnsupportedOperationException", `Origin EXTERNAL is not compatible with KeySpec ${spec}.`);
  return { spec, usage };
}
