#!/usr/bin/env bash
# Encrypts where there is no KMS, with a public key that was downloaded before; only the KMS can decrypt.
# usage: run.sh KEY MESSAGE-FILE    a key of an RSA spec for ENCRYPT_DECRYPT, and a file of at most 190 bytes (RSA_2048)
set -euo pipefail
key=$1 message=$2

# Once, by somebody who may call the KMS. The public key is no secret, but must reach the other place unaltered.
aws kms get-public-key --key-id "$key" --query PublicKey --output text | base64 --decode > public.der

# Where there is no network, as often as wanted.
openssl pkeyutl -encrypt -pubin -keyform DER -inkey public.der -in "$message" -out message.sealed \
  -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256

# By somebody who may call Decrypt. An RSA ciphertext does not say whose it is: key and algorithm have to be told.
aws kms decrypt --key-id "$key" --encryption-algorithm RSAES_OAEP_SHA_256 --ciphertext-blob fileb://message.sealed \
  --query Plaintext --output text | base64 --decode
