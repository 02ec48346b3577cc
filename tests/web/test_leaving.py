"""From our page to a payment provider's: real Chromium, its host another, our policies on the form.

Whoever presses *Pay* must get there; from any other page nobody is led away by a form.
"""

import datetime as dt
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Browser, sync_playwright

from loket.web.policy import CONTENT_SECURITY_POLICY, PAYING_POLICY
from tools.screenshots import CHROMIUM, SWITCHES

pytestmark = pytest.mark.browser
_FORM = b"<!doctype html><title>Ours</title><form method='post'><button>Pay</button></form>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as engine:
        opened = engine.chromium.launch(executable_path=CHROMIUM, args=list(SWITCHES))
        yield opened
        opened.close()


class _Provider(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        _say(self, b"<!doctype html><title>The provider's</title>")

    def log_message(self, *_: object) -> None:
        """Quiet."""


def _say(handler: BaseHTTPRequestHandler, content: bytes, **headers: str) -> None:
    handler.send_response(200)
    for name, value in {"Content-Type": "text/html", **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


@contextmanager
def served(handler: type[BaseHTTPRequestHandler], certificate: Path | None = None) -> Iterator[int]:
    """The port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[str]:
    """Where it is: another origin, over TLS."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path / "provider.pem"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    with served(_Provider, file) as port:
        yield f"https://localhost:{port}/c/pay/x"


def pressing_pay(browser: Browser, policy: str, provider: str) -> str:
    """The title of where one then is; without scripts, as on the oldest phone."""

    class Ours(BaseHTTPRequestHandler):
        log_message = _Provider.log_message

        def do_GET(self) -> None:
            _say(self, _FORM, Content_Security_Policy=policy)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(302)
            self.send_header("Location", provider)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with served(Ours) as port:
        context = browser.new_context(ignore_https_errors=True, java_script_enabled=False)
        try:
            page, said = context.new_page(), []
            page.on("console", lambda message: said.append(message.text))
            page.goto(f"http://127.0.0.1:{port}/")
            page.click("button")
            for _ in range(50):
                if said or page.url == provider:
                    break
                page.wait_for_timeout(100)
            return page.title()
        finally:
            context.close()


def test_the_pay_button_leads_to_the_providers_host(browser: Browser, provider: str) -> None:
    assert pressing_pay(browser, PAYING_POLICY, provider) == "The provider's"


def test_no_other_form_leads_away(browser: Browser, provider: str) -> None:
    assert pressing_pay(browser, CONTENT_SECURITY_POLICY, provider) == "Ours"


def test_the_two_policies_differ_in_this_alone() -> None:
    ours, paying = CONTENT_SECURITY_POLICY.split("; "), PAYING_POLICY.split("; ")
    assert [pair for pair in zip(ours, paying, strict=True) if pair[0] != pair[1]] == [
        ("form-action 'self'", "form-action 'self' https:")
    ]
