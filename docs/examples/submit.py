#!/usr/bin/env python3
"""Hands a record in to a Survivor Vault, as a service that may submit and cannot read back.

    submit.py SOCKET ACCOUNT KEY-FILE PROGRAMME < sections.json

Reads {"identity": {...}, "contact": {...}} and prints the id under which it waits for an officer. Everything is sealed and
signed here: neither the key nor a word of the record crosses the socket in the clear. Written from docs/services.md alone,
on purpose in another language than the vault. Needs PyPI's `cryptography` (47 or newer: HPKE) and `pynacl` (XChaCha20).
"""
import base64
import hashlib
import http.client
import json
import os
import socket
import struct
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt


# The encoding of everything that is hashed, signed or authenticated.

def encode(purpose, *fields):
    encoded = b"survivor-vault/v1/" + purpose.encode() + b"\0"
    for field in fields:
        if isinstance(field, int):
            field = struct.pack(">Q", field)
        elif isinstance(field, str):
            field = field.encode()
        encoded += struct.pack(">I", len(field)) + field
    return encoded


def digest(data):
    return hashlib.sha256(data).digest()


# The key file.

def signing_key(path):
    label, text = open(path).read().split()
    if label != "survivor-vault-account-key-1":
        raise ValueError("not a key file")
    seed = HKDF(SHA256(), 32, salt=None, info=encode("account-signing-seed")).derive(base64.b64decode(text))
    return Ed25519PrivateKey.from_private_bytes(seed)


# Record ids: three groups of five letters and a check letter stand for 6 bytes.

def id_bytes(text):
    consonants, vowels = "bdfghjklmnprstvz", "aiou"
    number = 0
    for group in text.split("-")[:3]:
        for place, letter in enumerate(group):
            if place % 2 == 0:
                number = number << 4 | consonants.index(letter)
            else:
                number = number << 2 | vowels.index(letter)
    return number.to_bytes(6, "big")


# Sealing a section.

def padme(length):
    exponent = length.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (length + mask) & ~mask


def envelope(data, key, associated):
    frame = struct.pack(">I", len(data)) + data
    frame += bytes(padme(max(512, len(frame))) - len(frame))
    head = bytes([1, 1]) + os.urandom(24)
    pair = hashlib.blake2b(head + digest(associated), key=key, digest_size=64).digest()
    sealed = crypto_aead_xchacha20poly1305_ietf_encrypt(frame, associated, head[2:], pair[:32])
    return head + pair[32:] + sealed


def seal(section, values, slot, programme, signer):
    target = next(part for part in slot["sections"] if part["section"] == section)
    place = (bytes.fromhex(slot["vault"]), id_bytes(slot["id"]), f"{programme}/{section}")
    key = os.urandom(32)
    body = envelope(json.dumps(values).encode(), key, encode("submission", *place))
    context = encode("submission-key", *place, target["epoch"], digest(body))
    recipient = X25519PublicKey.from_public_bytes(base64.b64decode(target["key"]))
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
    sealed_key = suite.encrypt(key, recipient, info=context)
    signature = signer.sign(encode("authorship", digest(context), digest(sealed_key)))
    return {
        "section": section,
        "epoch": target["epoch"],
        "body": base64.b64encode(body).decode(),
        "sealedKey": base64.b64encode(sealed_key).decode(),
        "signature": base64.b64encode(signature).decode(),
    }


# The socket.

class Vault(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("vault")
        self.path, self.token = path, None

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)

    def post(self, path, body=None):
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if self.token:
            headers["Authorization"] = "Bearer " + self.token
        self.request("POST", path, json.dumps(body) if body is not None else None, headers)
        answer = self.getresponse()
        document = json.loads(answer.read())
        if answer.status >= 300:
            sys.exit(f"{document['title']}: {document['detail']} {document['hint']}")
        return document

    def login(self, account, signer):
        asked = self.post("/v1/sessions/challenge", {"account": account})
        message = encode(
            "login-challenge", bytes.fromhex(asked["vault"]), account, os.geteuid(), base64.b64decode(asked["challenge"]))
        self.token = self.post("/v1/sessions", {
            "account": account,
            "challenge": asked["challenge"],
            "signature": base64.b64encode(signer.sign(message)).decode(),
        })["token"]

    def submit(self, programme, sections, signer):
        slot = self.post(f"/v1/programmes/{programme}/submissions/slot")
        parts = [seal(name, values, slot, programme, signer) for name, values in sections.items()]
        return self.post(
            f"/v1/programmes/{programme}/submissions", {"id": slot["id"], "ticket": slot["ticket"], "sections": parts})

    def logout(self):
        self.request("DELETE", "/v1/sessions/current", headers={"Authorization": "Bearer " + self.token})
        self.getresponse().read()


def main():
    path, account, key_file, programme = sys.argv[1:]
    signer = signing_key(key_file)
    vault = Vault(path)
    vault.login(account, signer)
    print(vault.submit(programme, json.load(sys.stdin), signer)["id"])
    vault.logout()


if __name__ == "__main__":
    main()
