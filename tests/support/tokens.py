"""Access tokens (RFC 9068), signed with the first HS256 key of keys.json."""

import base64
import hmac
import json
import time
import uuid

import jwt
from cryptography.hazmat.primitives import serialization

ISSUER = "https://auth.casework.example"
AUDIENCE = "casework"


def secret_of(key):
    text = key["secret"]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def public_pem(key):
    return key.public_key().public_bytes(
        serialization.Encoding.PEM,
        serialization.PublicFormat.SubjectPublicKeyInfo).decode()


class Tokens:
    def __init__(self, keys_file, scopes, issuer=None, audience=None):
        self.keys_file = keys_file
        self.scopes = scopes            # kind → all scopes of that kind
        self.issuer = issuer or ISSUER
        self.audience = audience or AUDIENCE
        self.key = next(k for k in self.keys() if k["alg"] == "HS256")

    def keys(self):
        with open(self.keys_file, encoding="utf-8") as file:
            return json.load(file)["keys"]

    def claims(self, subject, **changed):
        """Good claims; a changed one of None is left out."""
        now = int(time.time())
        kind = subject.partition(":")[0]
        claims = {
            "iss": self.issuer, "aud": self.audience, "sub": subject,
            "client_id": "tests", "jti": uuid.uuid4().hex, "iat": now,
            "nbf": now - 5, "exp": now + 86400,    # longer than any run
            "scope": " ".join(self.scopes.get(kind, ()))}
        claims.update(changed)
        return {k: v for k, v in claims.items() if v is not None}

    def mint(self, subject, *, key=None, alg="HS256", kid=None, typ="at+jwt",
             **changed):
        header = {"kid": self.key["kid"] if kid is None else kid, "typ": typ}
        return jwt.encode(
            self.claims(subject, **changed),
            secret_of(self.key) if key is None else key, algorithm=alg,
            headers={k: v for k, v in header.items() if v is not None})


def encoded(value):
    if not isinstance(value, bytes):
        value = json.dumps(value).encode()
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def forge(header, claims, sign):
    """A compact JWS put together by hand: sign(text) gives the signature."""
    text = f"{encoded(header)}.{encoded(claims)}"
    return f"{text}.{encoded(sign(text.encode()))}"


def hmac_with(secret, digest="sha256"):
    return lambda text: hmac.new(secret, text, digest).digest()
