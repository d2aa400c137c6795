"""The other side of KMS in Python: what somebody does who has a key's public half, or the key itself. Reads and answers lines of JSON."""

import hashlib
import hmac
import json
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def verifies(algorithm, public_key, message, signature):
    key = serialization.load_der_public_key(public_key)
    if algorithm == "ED25519_PH_SHA_512":
        raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return ed25519ph_verifies(raw, message, signature)
    try:
        if algorithm in ("ED25519_SHA_512", "ML_DSA_SHAKE_256"):
            key.verify(signature, message)
        else:
            digest = getattr(hashes, "SHA" + algorithm[-3:])()
            if algorithm.startswith("ECDSA"):
                key.verify(signature, message, ec.ECDSA(digest))
            elif "_PSS_" in algorithm:
                key.verify(signature, message, padding.PSS(padding.MGF1(digest), padding.PSS.DIGEST_LENGTH), digest)
            else:
                key.verify(signature, message, padding.PKCS1v15(), digest)
        return True
    except InvalidSignature:
        return False


P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def add(a, b):
    (x1, y1), (x2, y2) = a, b
    k = D * x1 * x2 * y1 * y2
    return (x1 * y2 + x2 * y1) * pow(1 + k, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - k, -1, P) % P


def times(scalar, point):
    result = (0, 1)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point, scalar = add(point, point), scalar >> 1
    return result


def decompressed(encoded):
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x2 = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - x2) % P:
        raise ValueError("not on the curve")
    return (P - x if x & 1 != sign else x), y


def ed25519ph_verifies(public_key, message, signature):
    """RFC 8032, 5.1 and 5.1.7, with an empty context."""
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    dom2 = b"SigEd25519 no Ed25519 collisions" + bytes([1, 0])
    prehashed = hashlib.sha512(message).digest()
    k = int.from_bytes(hashlib.sha512(dom2 + r + public_key + prehashed).digest(), "little") % Q
    base = decompressed((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
    return s < Q and times(s, base) == add(decompressed(r), times(k, decompressed(public_key)))


def encrypted(algorithm, public_key, plaintext):
    digest = hashes.SHA1() if algorithm == "RSAES_OAEP_SHA_1" else hashes.SHA256()
    key = serialization.load_der_public_key(public_key)
    return key.encrypt(plaintext, padding.OAEP(mgf=padding.MGF1(digest), algorithm=digest, label=None))


def opened(key, blob, context):
    """A symmetric ciphertext, as the README of @trent/crypto describes it."""
    label = b"trent-message" + blob[:51] + b"\0" + blob[51:67] + (352).to_bytes(4, "big")
    stream = b"".join(hmac.new(key, counter.to_bytes(4, "big") + label, hashlib.sha256).digest() for counter in (1, 2))
    strings = [text.encode() for pair in sorted(context.items()) for text in pair]
    canonical = len(context).to_bytes(2, "big") + b"".join(len(text).to_bytes(2, "big") + text for text in strings)
    return AESGCM(stream[:32]).decrypt(stream[32:44], blob[67:], blob[:67] + canonical)


def agreed(public_key):
    theirs = serialization.load_der_public_key(public_key)
    ours = ec.generate_private_key(theirs.curve)
    spki = ours.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return {"publicKey": spki.hex(), "secret": ours.exchange(ec.ECDH(), theirs).hex()}


def answer(do, algorithm="", context=None, **members):
    given = {name: bytes.fromhex(value) for name, value in members.items()}
    if do == "verify":
        return {"valid": verifies(algorithm, given["publicKey"], given["message"], given["signature"])}
    if do == "encrypt":
        return {"ciphertext": encrypted(algorithm, given["publicKey"], given["plaintext"]).hex()}
    if do == "open":
        return {"plaintext": opened(given["key"], given["blob"], context).hex()}
    if do == "mac":
        return {"mac": hmac.new(given["key"], given["message"], "sha" + algorithm[-3:]).hexdigest()}
    return agreed(given["publicKey"])


for line in sys.stdin:
    try:
        print(json.dumps(answer(**json.loads(line))), flush=True)
    except Exception as cause:
        print(json.dumps({"raised": type(cause).__name__, "text": str(cause)}), flush=True)
