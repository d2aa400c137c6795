"""Tink: envelope encryption, and keysets under a key of KMS. @see Tink documentation, "Key management with AWS KMS" """
import os

import boto3
import tink
from tink import aead
from tink.integration import awskms

aead.register()
key = os.environ["TRENT_KEY"]
uri = f"aws-kms://{key}"
kms = boto3.client("kms")
client = awskms.new_client(boto3_client=kms, key_uri=uri)


def refused(words, call, *arguments):
    try:
        call(*arguments)
    except tink.TinkError as error:
        assert any(word in str(error) for word in words), error
        return
    raise AssertionError("went through")


remote = client.get_aead(uri)
sealed = remote.encrypt(b"hello", b"about")
assert remote.decrypt(sealed, b"about") == b"hello"
print("ok encrypt and decrypt by the key itself")

envelope = aead.KmsEnvelopeAead(aead.aead_key_templates.AES256_GCM, remote)
large = os.urandom(1_000_000)
enveloped = envelope.encrypt(large, b"about")
assert envelope.decrypt(enveloped, b"about") == large
print("ok encrypt and decrypt an envelope")

keyset = tink.new_keyset_handle(aead.aead_key_templates.AES128_GCM)
kept = tink.json_proto_keyset_format.serialize_encrypted(keyset, remote, b"keyset")
read = tink.json_proto_keyset_format.parse_encrypted(kept, remote, b"keyset")
print("ok keep a keyset and read it")

assert read.primitive(aead.Aead).decrypt(keyset.primitive(aead.Aead).encrypt(b"hello", b""), b"") == b"hello"
print("ok decrypt under the keyset that was read")

stranger = awskms.new_client(boto3_client=boto3.Session(profile_name="stranger").client("kms"), key_uri=uri)
refused(["AccessDeniedException"], stranger.get_aead(uri).decrypt, sealed, b"about")
print("ok decrypt by a stranger")

refused(["InvalidCiphertextException"], remote.decrypt, sealed, b"about something else")
print("ok decrypt with other associated data")

kms.disable_key(KeyId=key)
refused(["DisabledException"], tink.json_proto_keyset_format.parse_encrypted, kept, remote, b"keyset")
print("ok read a keyset under a disabled key")
