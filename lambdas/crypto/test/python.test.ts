/** Python's `cryptography`, which brings an OpenSSL of its own, verifies what is signed here. */
import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { type AsymmetricSpec, type SigningAlgorithm, sign } from "../index.ts";
import { digestOf, keyPairOf, MESSAGE } from "./pairs.ts";

const absent = spawnSync("python3", ["-c", "import cryptography"]).status !== 0;
if (absent) console.warn("There is no Python with `cryptography` on this machine: its test is skipped.");

/** Reads lines of algorithm, public key, message and signature; writes "ok" or the name of what is raised for each. */
const VERIFIER = `
import sys
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import load_der_public_key
for line in sys.stdin:
    algorithm, *rest = line.split()
    spki, message, signature = map(bytes.fromhex, rest)
    try:
        key = load_der_public_key(spki)
        if algorithm.startswith(("ED25519", "ML_DSA")):
            key.verify(signature, message)
        else:
            digest = getattr(hashes, "SHA" + algorithm[-3:])()
            if algorithm.startswith("ECDSA"):
                key.verify(signature, message, ec.ECDSA(digest))
            else:
                pss = padding.PSS(padding.MGF1(digest), padding.PSS.DIGEST_LENGTH)
                key.verify(signature, message, pss if "_PSS_" in algorithm else padding.PKCS1v15(), digest)
        print("ok")
    except Exception as cause:
        print(type(cause).__name__)
`;

const PAIRS: readonly (readonly [AsymmetricSpec, SigningAlgorithm])[] = [
  ["RSA_2048", "RSASSA_PKCS1_V1_5_SHA_384"],
  ["RSA_3072", "RSASSA_PSS_SHA_256"],
  ["RSA_2048", "RSASSA_PSS_SHA_512"],
  ["ECC_NIST_P256", "ECDSA_SHA_256"],
  ["ECC_NIST_P384", "ECDSA_SHA_384"],
  ["ECC_NIST_P521", "ECDSA_SHA_512"],
  ["ECC_SECG_P256K1", "ECDSA_SHA_256"],
  ["ECC_NIST_EDWARDS25519", "ED25519_SHA_512"],
  ["ML_DSA_44", "ML_DSA_SHAKE_256"],
  ["ML_DSA_87", "ML_DSA_SHAKE_256"],
];

it.skipIf(absent)(
  "Python verifies what is signed, of a message and of its digest",
  async () => {
    const lines: string[] = [];
    const labels: string[] = [];
    for (const [spec, algorithm] of PAIRS) {
      const { privateKey, publicKey } = await keyPairOf(spec);
      const signatures = [await sign(privateKey, algorithm, MESSAGE, "RAW")];
      if (/^(RSA|ECDSA)/.test(algorithm)) signatures.push(await sign(privateKey, algorithm, digestOf(algorithm, MESSAGE), "DIGEST"));
      for (const signature of signatures) {
        const fields = [publicKey.export({ format: "der", type: "spki" }), MESSAGE, signature];
        lines.push([algorithm, ...fields.map((field) => field.toString("hex"))].join(" "));
        labels.push(`${spec} ${algorithm}`);
      }
    }
    const { stdout } = spawnSync("python3", ["-c", VERIFIER], { input: `${lines.join("\n")}\n`, encoding: "utf8" });
    const verdicts = stdout.trim().split("\n");
    const said = labels.map((label, i) => `${label}: ${verdicts[i]}`);
    const unknown = said.filter((line) => /^ML_DSA.*UnsupportedAlgorithm$/.test(line));
    if (unknown.length > 0) console.warn("Python's `cryptography` is too old for ML-DSA: its signatures are skipped.");
    expect(said.filter((line) => !unknown.includes(line) && !line.endsWith(": ok"))).toEqual([]);
  },
  60_000,
);
