"""The AWS Encryption SDK for Python, with the Material Providers Library. @see AWS Encryption SDK Developer Guide"""
import os

import aws_encryption_sdk
import boto3
from aws_cryptographic_material_providers.mpl import AwsCryptographicMaterialProviders
from aws_cryptographic_material_providers.mpl.config import MaterialProvidersConfig
from aws_cryptographic_material_providers.mpl.models import CreateAwsKmsDiscoveryKeyringInput, CreateAwsKmsKeyringInput, DiscoveryFilter
from aws_encryption_sdk import CommitmentPolicy

client = aws_encryption_sdk.EncryptionSDKClient(commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)
providers = AwsCryptographicMaterialProviders(config=MaterialProvidersConfig())
kms = boto3.client("kms")
key = os.environ["TRENT_KEY"]
context = {"purpose": "test"}
plaintext = os.urandom(100_000)


def keyring(arn, kms_client=kms):
    return providers.create_aws_kms_keyring(input=CreateAwsKmsKeyringInput(kms_key_id=arn, kms_client=kms_client))


def refused(words, **arguments):
    try:
        client.decrypt(**arguments)
    except Exception as error:  # The library wraps what KMS said in errors of several kinds.
        assert any(word in repr(error) for word in words), repr(error)
        return
    raise AssertionError("went through")


sealed, _ = client.encrypt(source=plaintext, keyring=keyring(key), encryption_context=context)
opened, header = client.decrypt(source=sealed, keyring=keyring(key))
assert opened == plaintext and header.encryption_context["purpose"] == "test"
print("ok encrypt and decrypt by a keyring")

discovery = CreateAwsKmsDiscoveryKeyringInput(
    kms_client=kms, discovery_filter=DiscoveryFilter(account_ids=[key.split(":")[4]], partition="aws")
)
opened, _ = client.decrypt(source=sealed, keyring=providers.create_aws_kms_discovery_keyring(input=discovery))
assert opened == plaintext
print("ok decrypt by discovery")

master = aws_encryption_sdk.StrictAwsKmsMasterKeyProvider(key_ids=[key])
opened, _ = client.decrypt(source=sealed, key_provider=master)
assert opened == plaintext
print("ok decrypt by a master key provider")

with open("plain", "wb") as file:
    file.write(plaintext)
with open("plain", "rb") as source, open("sealed", "wb") as target:
    with client.stream(mode="e", source=source, keyring=keyring(key), encryption_context=context) as stream:
        for chunk in stream:
            target.write(chunk)
with open("sealed", "rb") as source, client.stream(mode="d", source=source, keyring=keyring(key)) as stream:
    assert stream.read() == plaintext
print("ok encrypt and decrypt a stream")

stranger = boto3.Session(profile_name="stranger").client("kms")
refused(["AccessDenied"], source=sealed, keyring=keyring(key, stranger))
print("ok decrypt by a stranger")

spoilt = sealed[:-200] + bytes([sealed[-200] ^ 1]) + sealed[-199:]
refused(["InvalidSignature", "InvalidTag", "SerializationError"], source=spoilt, keyring=keyring(key))
print("ok decrypt of a spoilt message")

kms.disable_key(KeyId=key)
refused(["is disabled"], source=sealed, keyring=keyring(key))
print("ok decrypt with a disabled key")
