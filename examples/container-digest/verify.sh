#!/usr/bin/env bash
# Verifies the signature of a container image's digest by the public key alone, without the KMS.
# usage: verify.sh PUBLIC-KEY.pem sha256:HEX SIGNATURE-IN-BASE64
set -euo pipefail
public_key=$1 digest=$2 signature=$3
[[ $digest =~ ^sha256:[0-9a-f]{64}$ ]] || { echo "not the digest of an image: $digest" >&2; exit 2; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
printf '%b' "$(sed 's/../\\x&/g' <<< "${digest#sha256:}")" > "$folder/digest"
base64 --decode <<< "$signature" > "$folder/signature"
openssl pkeyutl -verify -pubin -inkey "$public_key" -pkeyopt digest:sha256 -in "$folder/digest" -sigfile "$folder/signature"
