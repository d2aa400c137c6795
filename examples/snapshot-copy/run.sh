#!/usr/bin/env bash
# An encrypted snapshot goes to another Region, and from there to another account.
# usage: run.sh DISK    a file that stands for a disk; what is made of it lies in the current folder
#
# SOURCE_PROFILE and TARGET_PROFILE are profiles of the AWS CLI in the two accounts.
set -euo pipefail
disk=$1
here=us-east-1 there=eu-west-1

source_account() { AWS_PROFILE=$SOURCE_PROFILE aws "$@"; }
target_account() { AWS_PROFILE=$TARGET_PROFILE aws "$@"; }
new_key() { "$1" kms create-key --region "$2" --description "$3" --query KeyMetadata.Arn --output text; }
# A snapshot is a disk under a data key, and that data key under a KMS key. The data key goes through pipes only, never into a file.
under_data_key() { openssl enc -aes-256-ctr -pbkdf2 -pass stdin "$@"; }

source=$(source_account sts get-caller-identity --query Account --output text)
target=$(target_account sts get-caller-identity --query Account --output text)

echo "1. $source takes an encrypted snapshot in $here"
context=aws:ebs:id=snap-1
original=$(new_key source_account "$here" "snapshots of $here")
source_account kms generate-data-key-without-plaintext --region "$here" --key-id "$original" --key-spec AES_256 \
  --encryption-context "$context" --query CiphertextBlob --output text | base64 --decode > original.key
source_account kms decrypt --region "$here" --ciphertext-blob fileb://original.key --encryption-context "$context" \
  --query Plaintext --output text | under_data_key -in "$disk" -out snapshot

echo "2. copies it to $there, under a key of that Region"
# A key works in its own Region only, and so does ReEncrypt: what goes from one Region to another is decrypted here and encrypted there.
copied=$(new_key source_account "$there" "snapshots of $there, for others")
source_account kms decrypt --region "$here" --ciphertext-blob fileb://original.key --encryption-context "$context" \
  --query Plaintext --output text | base64 --decode |
  source_account kms encrypt --region "$there" --key-id "$copied" --plaintext fileb:///dev/stdin --encryption-context "$context" \
    --query CiphertextBlob --output text | base64 --decode > copied.key

echo "3. lets $target re-encrypt that snapshot's data key, and nothing else"
source_account kms put-key-policy --region "$there" --key-id "$copied" --policy-name default --policy '{
  "Version": "2012-10-17",
  "Statement": [
    { "Sid": "Own", "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::'"$source"':root" }, "Action": "kms:*", "Resource": "*" },
    {
      "Sid": "CopySnapshot",
      "Effect": "Allow",
      "Principal": { "AWS": "arn:aws:iam::'"$target"':root" },
      "Action": "kms:ReEncryptFrom",
      "Resource": "*",
      "Condition": { "StringEquals": { "kms:EncryptionContext:aws:ebs:id": "snap-1" } }
    }
  ]
}'

echo "4. $target copies the snapshot, under a key of its own"
# Both keys are of this Region, so the data key changes hands inside the KMS.
own_context=aws:ebs:id=snap-2
own=$(new_key target_account "$there" "snapshots from $source")
target_account kms re-encrypt --region "$there" --ciphertext-blob fileb://copied.key --source-key-id "$copied" \
  --source-encryption-context "$context" --destination-key-id "$own" --destination-encryption-context "$own_context" \
  --query CiphertextBlob --output text | base64 --decode > own.key

echo "5. the share ends, and $target restores the disk from its own copy"
source_account kms put-key-policy --region "$there" --key-id "$copied" --policy-name default --policy '{
  "Version": "2012-10-17",
  "Statement": { "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::'"$source"':root" }, "Action": "kms:*", "Resource": "*" }
}'
target_account kms decrypt --region "$there" --ciphertext-blob fileb://own.key --encryption-context "$own_context" \
  --query Plaintext --output text | under_data_key -d -in snapshot -out restored
cmp "$disk" restored
echo "$copied $own"
