"""Access tokens (RFC 9068, RFC 6750): every way of forging one is refused.

The list of keys fixes the algorithm of each kid; a token never chooses it.
"""

import random
import time
import uuid

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from tokens import encoded, forge, hmac_with, public_pem, secret_of
from client import Client, Service
from instance import until

ME = "/v1/me"
AT_JWT = "at+jwt"


@pytest.fixture(scope="module")
def rsa_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def ec_key():
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="module")
def rs(rsa_key):
    """Signs as the RS256 key does."""
    return lambda text: rsa_key.sign(text, padding.PKCS1v15(),
                                     hashes.SHA256())


@pytest.fixture(scope="module")
def keys(keyring, rsa_key, ec_key, tokens, anybody):
    """The running service learns an RS256 and an ES256 key."""
    keyring.add({"kid": "test-rs", "alg": "RS256",
                 "public_key": public_pem(rsa_key)},
                {"kid": "test-es", "alg": "ES256",
                 "public_key": public_pem(ec_key)})
    token = tokens.mint("staff:1", key=rsa_key, alg="RS256", kid="test-rs")
    until(lambda: anybody(token).get(ME).status == 200)
    return keyring


@pytest.fixture
def claims(tokens):
    return tokens.claims("staff:1")


@pytest.fixture
def secret(tokens):
    return secret_of(tokens.key)


@pytest.fixture
def kid(tokens):
    return tokens.key["kid"]


@pytest.fixture
def refused(anybody):
    def refused(token):
        answer = anybody(token).get(ME).expect(401, problem="invalid-token")
        challenge = answer.headers["www-authenticate"]
        assert 'error="invalid_token"' in challenge
        assert answer["detail"].endswith(FOR_OUTSIDERS)
        if len(token) > 8:
            assert token not in answer.body.decode()
        return answer
    return refused


# Fact 14.
FOR_OUTSIDERS = ("If you need technical support and are not an Authorized"
                 " Contact, please reach out to your district's Infinite"
                 " Campus technical team.")


# -- what a token is -------------------------------------------------------

def test_a_good_token_is_accepted(anybody, tokens):
    assert anybody(tokens.mint("staff:1")).get(ME).status == 200


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_read_in_any_case(public, tokens, scheme):
    public.get(ME, headers={
        "Authorization": f"{scheme} {tokens.mint('staff:1')}"}).expect(200)


def test_without_a_token_the_challenge_names_no_error(public):
    answer = public.get(ME).expect(401)
    assert "error=" not in answer.headers["www-authenticate"]


@pytest.mark.parametrize("value", [
    "", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Digest x", "Token abc",
    "Bearer,", "BearerX", "Bearer a b", "null", "Bearer null"])
def test_other_credentials_are_401(public, value):
    answer = public.get(ME, headers={"Authorization": value}).expect(401)
    assert answer["detail"].endswith(FOR_OUTSIDERS)


def test_a_token_has_8192_characters_at_most(refused):
    assert "8192 characters" in refused("x" * 8193)["detail"]
    assert "8192" not in refused("x" * 8192)["detail"]


def test_a_token_in_the_query_is_never_read(public, tokens):
    public.get(ME, query={"access_token": tokens.mint("staff:1")}
               ).expect(400, 401)


@pytest.mark.parametrize("token", [
    "x", "a.b", "a.b.c", "..", "....", ".a.", "a..b", "é.é.é", "=.=.=",
    "a.b.c.d.e", "x" * 4000, "." * 4000, "e30.e30.", "e30.e30.e30",
    "bnVsbA.bnVsbA.bnVsbA", "W10.W10.W10", "MQ.MQ.MQ"])
def test_junk_is_no_token(refused, token):
    refused(token)


# -- the algorithm ---------------------------------------------------------

@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", None])
@pytest.mark.parametrize("signature", [b"", b"x"])
def test_alg_none_is_refused(refused, claims, kid, alg, signature):
    for header in ({"alg": alg, "typ": AT_JWT, "kid": kid},
                   {"alg": alg, "typ": AT_JWT}):
        refused(forge(header, claims, lambda _: signature))


def test_alg_none_without_its_last_dot_is_refused(refused, claims, kid):
    header = {"alg": "none", "typ": AT_JWT, "kid": kid}
    refused(f"{encoded(header)}.{encoded(claims)}")


@pytest.mark.parametrize("secret_", [b"", b"\0", b"secret"])
def test_an_empty_or_guessed_secret_is_refused(refused, claims, kid, secret_):
    refused(forge({"alg": "HS256", "typ": AT_JWT, "kid": kid}, claims,
                  hmac_with(secret_)))


def test_hs256_keyed_with_the_rsa_public_pem_is_refused(
        refused, keys, rsa_key, claims):
    pem = public_pem(rsa_key).encode()
    for key in (pem, pem.strip(), pem.replace(b"\n", b"\\n")):
        for kid in ("test-rs", "test-es"):
            refused(forge({"alg": "HS256", "typ": AT_JWT, "kid": kid},
                          claims, hmac_with(key)))


@pytest.mark.parametrize("alg, digest", [
    ("HS384", "sha384"), ("HS512", "sha512"), ("hs256", "sha256")])
def test_another_hash_than_the_key_s_is_refused(
        refused, claims, kid, secret, alg, digest):
    refused(forge({"alg": alg, "typ": AT_JWT, "kid": kid}, claims,
                  hmac_with(secret, digest)))


def test_a_key_signs_only_under_its_own_kid(
        refused, keys, tokens, rsa_key, ec_key, kid):
    for key, alg, other in ((rsa_key, "RS256", kid),
                            (rsa_key, "RS256", "test-es"),
                            (ec_key, "ES256", kid),
                            (ec_key, "ES256", "test-rs")):
        refused(tokens.mint("staff:1", key=key, alg=alg, kid=other))


@pytest.mark.parametrize("alg", ["RS384", "RS512", "PS256"])
def test_another_rsa_algorithm_is_refused(refused, keys, tokens, rsa_key, alg):
    refused(tokens.mint("staff:1", key=rsa_key, alg=alg, kid="test-rs"))


def test_a_key_of_a_stranger_is_refused(refused, keys, tokens):
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    refused(tokens.mint("staff:1", key=stranger, alg="RS256", kid="test-rs"))


@pytest.mark.parametrize("other", [
    "", "unknown", "dev-1 ", "DEV-1", "../keys.json", 1, None, ["dev-1"],
    {"kid": "dev-1"}, "' or true --"])
def test_a_wrong_kid_is_refused(refused, claims, secret, other):
    refused(forge({"alg": "HS256", "typ": AT_JWT, "kid": other}, claims,
                  hmac_with(secret)))


def test_a_token_without_kid_is_refused(refused, claims, secret):
    refused(forge({"alg": "HS256", "typ": AT_JWT}, claims,
                  hmac_with(secret)))


def test_a_critical_header_we_do_not_know_is_refused(
        refused, claims, kid, secret):
    refused(forge({"alg": "HS256", "typ": AT_JWT, "kid": kid,
                   "crit": ["b64"], "b64": False}, claims,
                  hmac_with(secret)))


def test_a_duplicate_alg_is_refused(refused, claims, kid, secret):
    for one, two in (("HS256", "none"), ("none", "HS256")):
        header = (f'{{"alg":"{one}","alg":"{two}","typ":"at+jwt",'
                  f'"kid":"{kid}"}}').encode()
        refused(forge(header, claims, hmac_with(secret)))


# -- the signature ---------------------------------------------------------

def test_one_changed_bit_is_refused(refused, tokens):
    head, claims, signature = tokens.mint("staff:1").split(".")
    other = "B" if signature[5] == "A" else "A"
    refused(f"{head}.{claims}.{signature[:5]}{other}{signature[6:]}")
    refused(f"{head}.{claims}.{signature[:-2]}")
    refused(f"{head}.{claims}.")
    refused(f"{head}.{claims}")


def test_junk_behind_a_signature_is_refused(refused, tokens):
    token = tokens.mint("staff:1")
    for junk in ("A", "AA", "AAAA", "=", "==", ".", ".AAAA", "%00"):
        refused(token + junk)


def test_junk_behind_an_rs256_signature_is_refused(
        refused, keys, claims, rs):
    header = {"alg": "RS256", "typ": AT_JWT, "kid": "test-rs"}
    for junk in (b"\0", b"x", b"xyz", b"x" * 256):
        refused(forge(header, claims, lambda text: rs(text) + junk))
    token = forge(header, claims, rs)
    for junk in ("A", "AA", "AAAA", "."):
        refused(token + junk)


def test_an_rs256_signature_cut_short_is_refused(refused, keys, claims, rs):
    header = {"alg": "RS256", "typ": AT_JWT, "kid": "test-rs"}
    for end in (0, 1, 128, 255):
        refused(forge(header, claims, lambda text: rs(text)[:end]))


@pytest.mark.parametrize("signature", [
    b"", b"\0" * 64, b"\xff" * 64, b"\0" * 63 + b"\1", b"x" * 63, b"x" * 65,
    b"x" * 200])
def test_a_made_up_es256_signature_is_refused(refused, keys, claims,
                                              signature):
    refused(forge({"alg": "ES256", "typ": AT_JWT, "kid": "test-es"}, claims,
                  lambda _: signature))


def test_the_signature_of_another_token_is_refused(refused, tokens):
    head, _, signature = tokens.mint("contact:1").split(".")
    claims = encoded(tokens.claims("staff:1"))
    refused(f"{head}.{claims}.{signature}")


# -- the claims ------------------------------------------------------------

@pytest.mark.parametrize("typ", ["JWT", "jwt", "id+jwt", "", None, 1,
                                 "at+jwt2", "dpop+jwt"])
def test_another_type_of_token_is_refused(
        refused, claims, kid, secret, typ):
    refused(forge({"alg": "HS256", "typ": typ, "kid": kid}, claims,
                  hmac_with(secret)))


def test_a_token_without_type_is_refused(refused, tokens):
    refused(tokens.mint("staff:1", typ=""))


@pytest.mark.parametrize("seconds", [0, -1, -60, -10**6])
def test_an_expired_token_is_refused(refused, tokens, seconds):
    refused(tokens.mint("staff:1", exp=int(time.time()) + seconds))


@pytest.mark.parametrize("iat, life", [
    (0, 86401), (0, 10**8), (-3600, 86401), (-10**6, 10**6 + 60),
    (-10**9, 10**9 + 1)])
def test_a_token_that_lives_longer_than_a_day_is_refused(refused, tokens, iat,
                                                         life):
    """Counted from when it was issued, however little of it is left."""
    began = int(time.time()) + iat
    refused(tokens.mint("staff:1", iat=began, exp=began + life))


def test_a_token_of_a_day_is_good(anybody, tokens):
    began = int(time.time()) - 60
    anybody(tokens.mint("staff:1", iat=began, exp=began + 86400)).get(
        ME).expect(200)


@pytest.mark.direct
def test_how_long_a_token_may_live_is_a_setting(instance, contract, tokens):
    with instance.beside(TOKEN_MAX_LIFE=3600) as process:
        service = Service(process.url, contract)
        for life, status in ((3600, 200), (3601, 401)):
            began = int(time.time())
            token = tokens.mint("staff:1", iat=began, exp=began + life)
            Client(service, token, "staff").get(ME).expect(status)
        service.close()


@pytest.mark.parametrize("exp", ["4102444800", True, [4102444800], {}, 0, -1,
                                 "never"])
def test_an_expiry_that_is_no_time_is_refused(
        refused, claims, kid, secret, exp):
    refused(forge({"alg": "HS256", "typ": AT_JWT, "kid": kid},
                  {**claims, "exp": exp}, hmac_with(secret)))


def test_a_token_seen_before_is_refused_when_it_expires(anybody, tokens):
    for seconds in (2, 8, 32):      # on a slow machine the first is too short
        expires = int(time.time()) + seconds
        client = anybody(tokens.mint("staff:1", exp=expires))
        if client.get(ME).status == 200:
            break
        assert time.time() >= expires
    until(lambda: client.get(ME).status == 401)
    assert time.time() >= expires


def test_a_token_of_the_future_is_refused(refused, tokens):
    refused(tokens.mint("staff:1", nbf=int(time.time()) + 300))


@pytest.mark.parametrize("iss", [
    "https://evil.example", "https://auth.casework.example/", "", None,
    ["https://auth.casework.example"]])
def test_another_issuer_is_refused(refused, tokens, claims, kid, secret, iss):
    changed = {k: v for k, v in {**claims, "iss": iss}.items()
               if v is not None}
    refused(forge({"alg": "HS256", "typ": AT_JWT, "kid": kid}, changed,
                  hmac_with(secret)))


@pytest.mark.parametrize("aud", [
    "other", "Casework", "", None, [], ["other"], {"casework": 1}, 1,
    [["casework"]]])
def test_another_audience_is_refused(refused, claims, kid, secret, aud):
    changed = {k: v for k, v in {**claims, "aud": aud}.items()
               if v is not None}
    refused(forge({"alg": "HS256", "typ": AT_JWT, "kid": kid}, changed,
                  hmac_with(secret)))


@pytest.mark.parametrize("before, after", [
    ([], []), (["other"], []), ([], ["other"]), (["a", "b"], ["c"])])
def test_we_may_be_one_audience_of_several(anybody, tokens, before, after):
    """Wherever we stand among them."""
    token = tokens.mint("staff:1", aud=[*before, tokens.audience, *after])
    anybody(token).get(ME).expect(200)


@pytest.mark.parametrize("others", [
    [7], [None], [["other"]], [{"aud": "other"}], ["other", 7]])
def test_an_audience_that_is_no_text_is_refused_beside_ours(
        refused, tokens, others):
    refused(tokens.mint("staff:1", aud=[tokens.audience, *others]))


@pytest.mark.parametrize("claims", [
    {"jti": None}, {"client_id": None, "azp": "portal"},
    {"scope": None, "scp": ["cases:read"]}, {"scope": ["other", "cases:read"]},
    {"scope": " ".join(f"api://files/{n}" for n in range(60))
     + " cases:read"}])
def test_claims_of_providers_in_use_are_read(anybody, tokens, claims):
    anybody(tokens.mint("staff:1", **claims)).get("/v1/cases?limit=1").expect(200)


@pytest.mark.parametrize("claim", ["iss", "aud", "exp", "sub", "client_id"])
def test_a_missing_claim_is_refused(refused, tokens, claim):
    refused(tokens.mint("staff:1", **{claim: None}))


@pytest.mark.parametrize("sub", [
    "", "staff", "staff:", ":1", "staff:0", "staff:-1", "staff:+1",
    "staff:01", "staff:1x", "staff: 1", "staff:1 ", " staff:1", "Staff:1",
    "admin:1", "public:1", "owner:1", "casework_owner:1", "staff:1:2",
    "staff:1,staff:2", "staff:99999999999999999999",
    "staff:9223372036854775808",
    "staff:1;drop", "staff:1\n", "staff:1\0", "staff:١", 1, None, ["staff:1"],
    {"sub": "staff:1"}])
def test_a_subject_that_names_nobody_is_refused(
        refused, claims, kid, secret, sub):
    refused(forge({"alg": "HS256", "typ": AT_JWT, "kid": kid},
                  {**claims, "sub": sub}, hmac_with(secret)))


@pytest.mark.parametrize("act", [
    "partner:1", {}, {"sub": ""}, {"sub": "partner"}, {"sub": 1},
    {"sub": "admin:1"}, {"sub": "partner:1\n"}, [], {"sub": ["partner:1"]}])
def test_an_actor_that_names_nobody_is_refused(
        refused, claims, kid, secret, act):
    refused(forge({"alg": "HS256", "typ": AT_JWT, "kid": kid},
                  {**claims, "act": act}, hmac_with(secret)))


# -- the list of keys ------------------------------------------------------

def test_rs256_and_es256_keys_are_learned_without_a_restart(
        keys, tokens, anybody, rsa_key, ec_key):
    for alg, key, kid in (("RS256", rsa_key, "test-rs"),
                          ("ES256", ec_key, "test-es")):
        token = tokens.mint("staff:2", key=key, alg=alg, kid=kid)
        for _ in range(3):
            assert anybody(token).get(ME).expect(200)["id"] == 2
    anybody(tokens.mint("staff:1")).get(ME).expect(200)     # the first key


def test_a_removed_key_is_worth_nothing_even_for_tokens_seen_before(
        keyring, tokens, anybody):
    secret = uuid.uuid4().bytes * 2
    with keyring.holding({"kid": "test-leaving", "alg": "HS256",
                          "secret": encoded(secret)}):
        client = anybody(tokens.mint("staff:1", key=secret,
                                     kid="test-leaving"))
        until(lambda: client.get(ME).status == 200)
    until(lambda: client.get(ME).status == 401)


def test_a_broken_list_of_keys_keeps_the_keys_in_use(
        keyring, tokens, anybody, log):
    mark = log.mark()
    with keyring.text("{broken"):
        until(lambda: level(log, mark, "keys_not_reloaded") == "error")
        anybody(tokens.mint("staff:1")).get(ME).expect(200)
    secret = uuid.uuid4().bytes * 2
    with keyring.holding({"kid": "test-mended", "alg": "HS256",
                          "secret": encoded(secret)}):
        client = anybody(tokens.mint("staff:1", key=secret,
                                     kid="test-mended"))
        until(lambda: client.get(ME).status == 200)
        until(lambda: level(log, mark, "keys_reloaded") == "notice")


def level(log, mark, event):
    """Of the first such event that was logged."""
    return next((line["level"] for line in log.lines(mark)
                 if line["event"] == event), None)


# -- many callers at once --------------------------------------------------

def test_every_token_answers_for_its_own_caller(district, tokens, anybody):
    people = [district.contact() for _ in range(20)]
    clients = [(p.id, anybody(tokens.mint(f"contact:{p.id}"), "contact"))
               for p in people for _ in range(5)]
    for _ in range(3):
        for wanted, client in clients:
            assert client.get(ME)["id"] == wanted


def test_more_tokens_than_are_remembered_are_all_told_apart(
        district, tokens, service):
    people = [district.contact().id for _ in range(3)]
    clients = [(number, Client(service, tokens.mint(f"contact:{number}"),
                               "contact", check=False))
               for number in people for _ in range(3000)]
    random.Random(5).shuffle(clients)
    for wanted, client in clients + clients[:300]:
        assert client.get(ME).expect(200)["id"] == wanted
