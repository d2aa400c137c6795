"""The AWS SDK for Python. @see Boto3 documentation, "KMS" """
import os

import boto3
from botocore.exceptions import ClientError

kms = boto3.client("kms")
stranger = boto3.Session(profile_name="stranger").client("kms")
context = {"purpose": "test"}


def refused(name, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == name, error
        return
    raise AssertionError(f"went through, without {name}")


key = kms.create_key(Description="orders")["KeyMetadata"]
assert kms.describe_key(KeyId=key["Arn"])["KeyMetadata"]["CreationDate"] == key["CreationDate"]
print("ok create_key")

blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"hello", EncryptionContext=context)["CiphertextBlob"]
assert kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)["Plaintext"] == b"hello"
print("ok encrypt and decrypt")

data_key = kms.generate_data_key(KeyId=key["KeyId"], KeySpec="AES_256", EncryptionContext=context)
assert kms.decrypt(CiphertextBlob=data_key["CiphertextBlob"], EncryptionContext=context)["Plaintext"] == data_key["Plaintext"]
print("ok generate_data_key")

mac_key = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
mac = kms.generate_mac(KeyId=mac_key, Message=b"hello", MacAlgorithm="HMAC_SHA_256")["Mac"]
assert kms.verify_mac(KeyId=mac_key, Message=b"hello", Mac=mac, MacAlgorithm="HMAC_SHA_256")["MacValid"]
print("ok generate_mac and verify_mac")

arn = boto3.Session(profile_name="stranger").client("sts").get_caller_identity()["Arn"]
grant = kms.create_grant(KeyId=key["KeyId"], GranteePrincipal=arn, Operations=["Decrypt"])
opened = stranger.decrypt(CiphertextBlob=blob, EncryptionContext=context, GrantTokens=[grant["GrantToken"]])
assert opened["Plaintext"] == b"hello"
kms.revoke_grant(KeyId=key["KeyId"], GrantId=grant["GrantId"])
print("ok create_grant and revoke_grant")

listed = {one["KeyArn"] for page in kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 2}) for one in page["Keys"]}
assert {key["Arn"], os.environ["TRENT_KEY"], os.environ["TRENT_SIGNING_KEY"]} <= listed
print("ok list_keys by paginator")

refused("AccessDeniedException", stranger.decrypt, CiphertextBlob=blob, EncryptionContext=context)
print("ok decrypt without the grant")

spoilt = blob[:-1] + bytes([blob[-1] ^ 1])
refused("InvalidCiphertextException", kms.decrypt, CiphertextBlob=spoilt, EncryptionContext=context)
print("ok decrypt of a spoilt ciphertext")

kms.disable_key(KeyId=key["KeyId"])
refused("DisabledException", kms.encrypt, KeyId=key["KeyId"], Plaintext=b"hello")
print("ok encrypt with a disabled key")
