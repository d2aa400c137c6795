/**
 * The table of key states, as AWS prints it.
 *
 * `OK`: success. `Xn`: failure, as the footnote says. `?n`: success unless the footnote applies. PD and PRD, that is PendingDeletion and
 * PendingReplicaDeletion, have one column. Encapsulate and Decapsulate are not in it: they are as other operations of pairs.
 * @see AWS KMS Developer Guide, "Key states of AWS KMS keys"
 */
const TABLE = `
| CancelKeyDeletion | X4 | X4 | OK | X4 | X4 | X4 | X4 |
| CreateAlias | OK | OK | X3 | OK | OK | OK | OK |
| CreateGrant | OK | X1 | X2 or X3 | X5 | OK | X14 | OK |
| Decapsulate | OK | X1 | X2 or X3 | X5 | N/A | X14 | OK |
| Decrypt | OK | X1 | X2 or X3 | X5 | X11 | X14 | OK |
| DeleteAlias | OK | OK | OK | OK | OK | OK | OK |
| DeleteImportedKeyMaterial | ?9 | ?9 | ?9 | OK | N/A | X14 | X15 |
| DeriveSharedSecret | OK | X1 | X2 or X3 | X5 | N/A | X14 | OK |
| DescribeKey | OK | OK | OK | OK | OK | OK | OK |
| DisableKey | OK | OK | X3 | X5 | OK | X14 | X15 |
| DisableKeyRotation | ?7 | X1 or X7 | X3 or X7 | X6 | X7 | X14 | ?7 |
| EnableKey | OK | OK | X3 | X5 | OK | X14 | X15 |
| EnableKeyRotation | ?7 | X1 or X7 | X3 or X7 | X6 | X7 | X14 | ?7 |
| Encapsulate | OK | X1 | X2 or X3 | X5 | N/A | X14 | OK |
| Encrypt | OK | X1 | X2 or X3 | X5 | X11 | X14 | OK |
| GenerateDataKey | OK | X1 | X2 or X3 | X5 | X11 | X14 | OK |
| GenerateDataKeyPair | OK | X1 | X2 or X3 | X5 | X11 | X14 | OK |
| GenerateDataKeyPairWithoutPlaintext | OK | X1 | X2 or X3 | X5 | X11 | X14 | OK |
| GenerateDataKeyWithoutPlaintext | OK | X1 | X2 or X3 | X5 | X11 | X14 | OK |
| GenerateMac | OK | X1 | X2 or X3 | X5 | N/A | X14 | OK |
| GetKeyLastUsage | OK | OK | OK | OK | OK | OK | OK |
| GetKeyPolicy | OK | OK | OK | OK | OK | OK | OK |
| GetKeyRotationStatus | ?7 | ?7 | ?7 | X6 | X7 | ?7 | ?7 |
| GetParametersForImport | ?9 | ?9 | X8 or X9 | OK | X9 | X14 | X15 |
| GetPublicKey | OK | OK | X2 or X3 | OK | N/A | X14 | OK |
| ImportKeyMaterial | ?9 | ?9 | X8 or X9 | OK | X9 | X14 | OK |
| ListAliases | OK | OK | OK | OK | OK | OK | OK |
| ListGrants | OK | OK | OK | OK | OK | OK | OK |
| ListKeyPolicies | OK | OK | OK | OK | OK | OK | OK |
| ListKeyRotations | ?7 | ?7 | ?7 | OK | X7 | ?7 | ?7 |
| ListResourceTags | OK | OK | OK | OK | OK | OK | OK |
| PutKeyPolicy | OK | OK | OK | OK | OK | OK | OK |
| ReEncrypt | OK | X1 | X2 or X3 | X5 | X11 | X14 | OK |
| ReplicateKey | OK | X1 | X2 or X3 | X5 | N/A | X14 | X15 |
| RetireGrant | OK | OK | OK | OK | OK | OK | OK |
| RevokeGrant | OK | OK | OK | OK | OK | OK | OK |
| RotateKeyOnDemand | ?7 | X1 or X7 | X3 or X7 | X5 | X7 | X14 | ?7 |
| ScheduleKeyDeletion | OK | OK | X3 | OK | OK | OK | X15 |
| Sign | OK | X1 | X2 or X3 | X5 | N/A | X14 | OK |
| TagResource | OK | OK | X3 | OK | OK | OK | OK |
| UntagResource | OK | OK | X3 | OK | OK | OK | OK |
| UpdateAlias | OK | OK | ?10 | OK | OK | OK | OK |
| UpdateKeyDescription | OK | OK | X3 | OK | OK | OK | OK |
| UpdatePrimaryRegion | OK | X1 | X2 or X3 | X5 | N/A | X14 | OK |
| Verify | OK | X1 | X2 or X3 | X5 | N/A | X14 | OK |
| VerifyMac | OK | X1 | X2 or X3 | X5 | N/A | X14 | OK |`;

const COLUMNS = [
  ["Enabled"],
  ["Disabled"],
  ["PendingDeletion", "PendingReplicaDeletion"],
  ["PendingImport"],
  ["Unavailable"],
  ["Creating"],
  ["Updating"],
] as const;

export type StateName = (typeof COLUMNS)[number][number];
export type Row = { readonly [S in StateName]: string };

/** The cells of each operation, by state. */
export const STATE_TABLE: ReadonlyMap<string, Row> = new Map(
  TABLE.trim()
    .split("\n")
    .map((line) => {
      const [name = "", ...cells] = line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim());
      const states = COLUMNS.flatMap((column, number) => column.map((state) => [state, cells[number] ?? ""] as const));
      return [name, Object.fromEntries(states) as Row];
    }),
);

/** Operations without a key in its states. */
export const WITHOUT_STATES: readonly string[] = ["CreateKey", "GenerateRandom", "ListKeys", "ListRetirableGrants"];

/** The footnotes, with `<arn>` for the key's and `<state>` for its state. Of two that a cell names, AWS was seen to answer the one given here. */
export const FOOTNOTES: Readonly<Record<string, string>> = {
  X1: "DisabledException: <arn> is disabled.",
  X3: "KMSInvalidStateException: <arn> is <state>.",
  X4: "KMSInvalidStateException: <arn> is not pending deletion.",
  X5: "KMSInvalidStateException: <arn> is pending import.",
  X6: "UnsupportedOperationException: <arn> origin is EXTERNAL which is not valid for this operation.",
  X7: "UnsupportedOperationException: <arn> origin is AWS_CLOUDHSM which is not valid for this operation.",
  X8: "KMSInvalidStateException: <arn> is <state>.",
  X9: "UnsupportedOperationException: <arn> origin is AWS_CLOUDHSM which is not valid for this operation.",
  "X1 or X7": "DisabledException: <arn> is disabled.",
  "X2 or X3": "KMSInvalidStateException: <arn> is <state>.",
  "X3 or X7": "KMSInvalidStateException: <arn> is <state>.",
  "X8 or X9": "KMSInvalidStateException: <arn> is <state>.",
  X11: "KMSInvalidStateException: <arn> is unavailable.",
  X14: "KMSInvalidStateException: <arn> is creating.",
  X15: "KMSInvalidStateException: <arn> is updating.",
};
