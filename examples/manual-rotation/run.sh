#!/usr/bin/env bash
# Puts a new key behind an alias, and moves a ciphertext to it. What asks for the alias never learns of it.
# usage: run.sh ALIAS SEALED-FILE    an alias of a symmetric key, and something that was encrypted under it; is replaced
set -euo pipefail
alias=$1 sealed=$2

old=$(aws kms describe-key --key-id "$alias" --query KeyMetadata.KeyId --output text)
new=$(aws kms create-key --description "takes over from $old" --query KeyMetadata.KeyId --output text)

# From the next call on whoever encrypts by the alias does so under the new key.
aws kms update-alias --alias-name "$alias" --target-key-id "$new"

# What is there already still opens: a ciphertext knows its key. ReEncrypt moves it, and no plaintext leaves the KMS.
aws kms re-encrypt --ciphertext-blob "fileb://$sealed" --source-key-id "$old" --destination-key-id "$alias" \
  --query CiphertextBlob --output text | base64 --decode > "$sealed.new"
mv "$sealed.new" "$sealed"

# Disabled, not deleted: what was overlooked is refused now, and can be moved after enable-key.
aws kms disable-key --key-id "$old"
echo "$old $new"
