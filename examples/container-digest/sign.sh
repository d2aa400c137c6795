#!/usr/bin/env bash
# Signs the digest of a container image, and prints the signature in base64.
# usage: sign.sh KEY sha256:HEX    a key of ECC_NIST_P256 for SIGN_VERIFY
set -euo pipefail
key=$1 digest=$2
[[ $digest =~ ^sha256:[0-9a-f]{64}$ ]] || { echo "not the digest of an image: $digest" >&2; exit 2; }

bytes=$(mktemp)
trap 'rm -f "$bytes"' EXIT
printf '%b' "$(sed 's/../\\x&/g' <<< "${digest#sha256:}")" > "$bytes"

# The digest is a hash already. As RAW it would be hashed once more, and be the signature of something else.
aws kms sign --key-id "$key" --signing-algorithm ECDSA_SHA_256 --message-type DIGEST --message "fileb://$bytes" \
  --query Signature --output text
