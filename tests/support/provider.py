"""A real OpenID provider (tests/oidc/provider.js), to sign in at."""

import base64
import hashlib
import json
import pathlib
import secrets
import subprocess
import urllib.parse

import requests

from ports import free_port

HERE = pathlib.Path(__file__).parent.parent / "oidc"
RESOURCE = "https://casework.example"


def by_requests(address, back, sub, password):
    """The address that a browser would be sent back to."""
    browser = requests.Session()
    page = browser.get(address, timeout=60)
    answer = browser.post(page.url, timeout=60, allow_redirects=False,
                          data={"sub": sub, "password": password})
    while not answer.headers["location"].startswith(back):
        answer = browser.get(urllib.parse.urljoin(
            answer.url, answer.headers["location"]), timeout=60,
            allow_redirects=False)
    return answer.headers["location"]


class Provider:
    def __init__(self, scopes):
        self.process = subprocess.Popen(
            ["node", HERE / "provider.js", str(free_port())], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env={
                "PATH": "/usr/bin:/bin", "SCOPES": " ".join(scopes)})
        self.issuer = json.loads(self.process.stdout.readline())["ready"]

    def tell(self, command, **rest):
        self.process.stdin.write(
            json.dumps({"command": command, **rest}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def key_set(self):
        return requests.get(self.issuer + "/jwks", timeout=60).json()

    def machine(self, client_id, *scopes):
        """A token by client credentials (RFC 6749 section 4.4)."""
        secret = secrets.token_urlsafe()
        self.tell("client", client_id=client_id, client_secret=secret)
        return self.token({"grant_type": "client_credentials",
                           "scope": " ".join(scopes)},
                          auth=(urllib.parse.quote(client_id), secret))

    def person(self, sub, *scopes, log_in=None, **claims):
        """A token by authorization code with PKCE (RFC 7636): somebody logs in
        with a browser, or as one does. log_in(address, back, sub, password)
        returns where that led to."""
        back, verifier = "http://127.0.0.1/back", secrets.token_urlsafe(48)
        password = secrets.token_urlsafe()
        self.tell("account", sub=sub, password=password, claims=claims)
        self.tell("client", client_id="portal", redirect_uri=back)
        address = self.issuer + "/auth?" + urllib.parse.urlencode({
            "client_id": "portal", "response_type": "code",
            "redirect_uri": back, "scope": " ".join(("openid", *scopes)),
            "resource": RESOURCE, "code_challenge_method": "S256",
            "code_challenge": base64.urlsafe_b64encode(hashlib.sha256(
                verifier.encode()).digest()).decode().rstrip("=")})
        led_to = (log_in or by_requests)(address, back, sub, password)
        came = urllib.parse.parse_qs(urllib.parse.urlsplit(led_to).query)
        return self.token({
            "grant_type": "authorization_code", "client_id": "portal",
            "code": came["code"][0], "redirect_uri": back,
            "code_verifier": verifier})

    def token(self, form, **more):
        answer = requests.post(self.issuer + "/token", timeout=60, data={
            **form, "resource": RESOURCE}, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()["access_token"]

    def close(self):
        self.process.stdin.close()
        self.process.wait(60)
