"""A server that publishes metadata and key sets as a test says, over http or
https, and notes what it was asked for."""

import http.server
import json
import ssl
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.publisher.serve(self)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Whoever leaves in the middle of an answer may."""


class Publisher:
    """`pages` are what it has: path → body (text, or what becomes JSON), or
    (status, headers, body). A page "stall" comes when go_on is set."""

    def __init__(self, certificate=None):
        self.pages, self.asked, self.conditions = {}, [], []
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.publisher = self
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True,
                do_handshake_on_connect=False)
        self.url = "http{}://127.0.0.1:{}".format(
            "s" if certificate else "", self.server.server_address[1])
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def serve(self, request):
        self.asked.append(request.path)
        self.conditions.append(request.headers["If-None-Match"])
        page = self.pages.get(request.path, (404, {}, ""))
        self.begun.set()
        if page == "stall":
            self.go_on.wait(60)
            page = (503, {}, "")
        status, headers, body = (
            page if isinstance(page, tuple) else (200, {}, page))
        body = (body if isinstance(body, str) else json.dumps(body)).encode()
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def stop(self):
        self.go_on.set()
        self.server.shutdown()
        self.server.server_close()
