"""Tokens for OAUTHBEARER: a server that gives them for an id and a secret over HTTP (RFC 6749, 4.4), and a gate that
lets nobody to a broker behind it who does not show one."""
import base64
import http.server
import json
import socket
import ssl
import struct
import threading
import time
import urllib.parse

import wire
from broker import ROOT

STORES = ROOT / "tests/data/security"
SASL_HANDSHAKE, SASL_AUTHENTICATE = 17, 36
UNSUPPORTED_VERSION, SASL_AUTHENTICATION_FAILED = 35, 58


def unsecured_token(claims):
    """A JSON web token that nobody has signed."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
             for part in ({"alg": "none"}, claims)]
    return ".".join(parts) + "."


class TokenServer:
    """Gives tokens for the client `castle` with the secret `se:cret`, in the name of `principal`."""

    def __init__(self, principal="alice", life_s=600, is_secure=False):
        self.principal, self.life_s = principal, life_s
        self.trouble = None  # (status, body) in place of a token
        self.requests, self.given = [], []
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):  # the name is http.server's
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                status, answer = server.answer(self.headers, dict(urllib.parse.parse_qsl(body)))
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if is_secure:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(STORES / "broker.pem", STORES / "broker.key")
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
        self.url = f"http{'s' if is_secure else ''}://localhost:{self.http.server_port}/realms/castle/token"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def answer(self, headers, form):
        self.requests.append(form)
        if self.trouble:
            return self.trouble
        known = "Basic " + base64.b64encode(b"castle:se:cret").decode()
        if headers["Authorization"] != known or form.get("grant_type") != "client_credentials":
            return 401, {"error": "invalid_client", "error_description": "nobody here is called so"}
        now = time.time()
        # Whole seconds, as servers give them: Kafka rounds to milliseconds, and refuses what comes within the same one.
        token = unsecured_token({"sub": self.principal, "iat": int(now), "exp": now + self.life_s,
                                 "scope": form.get("scope", ""), "number": len(self.given)})
        self.given.append(token)
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": self.life_s}

    def settings(self, **more):
        """Of a client; more has _ for the dots of names."""
        return {"sasl.mechanisms": "OAUTHBEARER", "sasl.oauthbearer.method": "oidc",
                "sasl.oauthbearer.token.endpoint.url": self.url, "sasl.oauthbearer.client.id": "castle",
                "sasl.oauthbearer.client.secret": "se:cret",
                **{name.replace("_", "."): value for name, value in more.items()}}

    def stop(self):
        self.http.shutdown()
        self.http.server_close()


class Gate:
    """Listens in the place of a broker that has no SASL: hears tokens, and hands on what comes behind them."""

    def __init__(self, accepts, session_ms=0):
        self.accepts, self.session_ms = accepts, session_ms
        self.broker_port = None  # set when it is there
        self.connections = []  # of each, the messages of SASL that were taken
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def stop(self):
        self.listener.close()

    def serve(self, client):
        said = []
        self.connections.append(said)
        with client, socket.create_connection(("127.0.0.1", self.broker_port)) as broker:
            try:
                while True:
                    self.exchange(client, broker, said)
            except (OSError, EOFError):
                pass

    def exchange(self, client, broker, said):
        """One request and its answer."""
        frame = receive_frame(client)
        api, version, correlation = struct.unpack_from(">hhi", frame)
        own = None
        if api == wire.API_VERSIONS and version > 0:
            own = struct.pack(">hi", UNSUPPORTED_VERSION, 0)
        elif api == SASL_HANDSHAKE:
            own = struct.pack(">hi", 0, 1) + wire.string("OAUTHBEARER")
        elif api == SASL_AUTHENTICATE:
            own = self.authenticate(frame, said)
        elif not said and api != wire.API_VERSIONS:
            raise EOFError("it has shown no token")
        if own is not None:
            return send_frame(client, struct.pack(">i", correlation) + own)
        send_frame(broker, frame)
        answer = receive_frame(broker)
        if api == wire.API_VERSIONS:  # version 0: an error, and rows of three numbers
            more = struct.pack(">hhhhhh", SASL_HANDSHAKE, 0, 1, SASL_AUTHENTICATE, 0, 1)
            count, = struct.unpack_from(">i", answer, 6)
            answer = answer[:6] + struct.pack(">i", count + 2) + answer[10:] + more
        return send_frame(client, answer)

    def authenticate(self, frame, said):
        """Version 1 of SaslAuthenticate, behind a header of version 1."""
        at = 8 + 2 + struct.unpack_from(">h", frame, 8)[0]
        message = frame[at + 4:].decode()
        if self.accepts(message):
            said.append(message)
            return struct.pack(">hhiq", 0, -1, 0, self.session_ms)
        return struct.pack(">h", SASL_AUTHENTICATION_FAILED) + wire.string("a token of nobody's") + bytes(12)


def receive_exactly(connection, count):
    data = b""
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def receive_frame(connection):
    return receive_exactly(connection, struct.unpack(">i", receive_exactly(connection, 4))[0])


def send_frame(connection, data):
    connection.sendall(struct.pack(">i", len(data)) + data)
