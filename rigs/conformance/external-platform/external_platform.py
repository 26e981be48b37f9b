"""A parking platform that is not of Lockstep's makers' kind: written from the contracts alone, to be the external party of a run.

    python3 external_platform.py SETTINGS.json [--bug NAME]...

prints one JSON line when it listens, and runs until its standard input ends.
"""

import argparse
import hmac
import json
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from parking import Parking, Refused

BUGS = {
    "no-webhook-retry", "idempotency-key-ignored", "tokens-unchecked", "lost-command-not-sent-again",
    "webhook-unsigned", "signature-without-time", "code-reused", "code-before-the-comparator", "double-booking",
    "free-by-sensor", "pages-by-offset", "states-swapped", "hold-never-ends", "wrong-datum", "extra-property",
    "wrong-enum",
}
IDENTIFIER = r"[A-Za-z0-9_-]{1,64}"
LOCATION = {"latitude": (-90, 90), "longitude": (-180, 180)}
COMMANDS = ("unlock", "lock", "safe", "rearm", "report", "configure", "sync")


def invalid(message):
    return Refused(400, "request-invalid", message)


def need(condition, message):
    if not condition:
        raise invalid(message)


def is_number(value, low, high):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high


def is_integer(value, low, high):
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def check_object(body, required, optional=()):
    need(isinstance(body, dict), "not a JSON object")
    for name in required:
        need(name in body, f"{name} is missing")
    for name in body:
        need(name in required or name in optional, f"{name} is not known")


def check_identifier(value):
    need(isinstance(value, str) and re.fullmatch(IDENTIFIER, value), "not an identifier")


def check_words(value, most):
    need(isinstance(value, str) and 0 < len(value) <= most, f"a text of 1 to {most} characters is needed")
    need(not re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", value), "a control character")


def check_location(value):
    check_object(value, LOCATION)
    need(all(is_number(value[name], *limits) for name, limits in LOCATION.items()), "not a position")


def check_reservation(body):
    check_object(body, ("bayId", "location", "userRef", "symbology"), ("holdSeconds",))
    check_identifier(body["bayId"])
    check_location(body["location"])
    check_words(body["userRef"], 64)
    need(body["symbology"] in ("qr", "code128"), "symbology is qr or code128")
    need(is_integer(body.get("holdSeconds", 60), 60, 7200), "holdSeconds is 60 to 7200")


def check_command(body):
    check_object(body, ("type",), ("expiresInSeconds", "settleHardwareMs", "comparatorReading"))
    need(body["type"] in COMMANDS, f"type is one of {', '.join(COMMANDS)}")
    need(is_integer(body.get("expiresInSeconds", 1), 1, 600), "expiresInSeconds is 1 to 600")
    need(is_integer(body.get("settleHardwareMs", 0), 0, 10000), "settleHardwareMs is 0 to 10000")
    need(body.get("comparatorReading", "preset") in ("preset", "reported"), "comparatorReading is preset or reported")
    need(body["type"] != "configure" or "comparatorReading" in body, "comparatorReading is missing")


def check_inventory(body):
    check_object(body, ("bays",))
    need(isinstance(body["bays"], list) and 1 <= len(body["bays"]) <= 1000, "1 to 1000 bays")
    for bay in body["bays"]:
        check_object(bay, ("bayId", "label", "lockId", "location", "pricePerHourFen"), ("size", "charger"))
        check_identifier(bay["bayId"])
        check_identifier(bay["lockId"])
        check_words(bay["label"], 64)
        check_location(bay["location"])
        need(is_integer(bay["pricePerHourFen"], 0, 1000000), "pricePerHourFen is 0 to 1000000")


ROUTES = [
    ("GET", r"/v1/spaces", "list_spaces"),
    ("GET", rf"/v1/spaces/({IDENTIFIER})", "get_space"),
    ("POST", r"/v1/reservations", "reserve"),
    ("GET", rf"/v1/reservations/({IDENTIFIER})", "get_reservation"),
    ("DELETE", rf"/v1/reservations/({IDENTIFIER})", "cancel"),
    ("DELETE", rf"/v1/operator/reservations/({IDENTIFIER})", "override"),
    ("PUT", rf"/v1/operator/bays/({IDENTIFIER})/service", "set_service"),
    ("GET", rf"/v1/operator/bays/({IDENTIFIER})/history", "get_history"),
    ("POST", r"/v1/operator/inventory", "add_to_inventory"),
    ("GET", r"/v1/operator/audit", "list_audit"),
    ("GET", r"/v1/operator/alerts", "list_alerts"),
    ("POST", rf"/v1/operator/locks/({IDENTIFIER})/commands", "command_lock"),
]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    parking = settings = bugs = None

    def log_message(self, *_):
        """Nothing: paths and tokens belong in no log."""

    def do_GET(self):
        length = int(self.headers.get("content-length") or 0)
        self._body = self.rfile.read(length)
        url = urlsplit(self.path)
        self._query = {name: values[0] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
        if url.path == "/clock":
            return self._clock()
        try:
            status, answer = self._answer(unquote(url.path))
        except Refused as refused:
            status, answer = refused.status, {"error": refused.error, "message": str(refused)}
        self._send(status, json.dumps(answer, ensure_ascii=False).encode())

    do_POST = do_PUT = do_DELETE = do_PATCH = do_GET

    def _send(self, status, body=b""):
        self.send_response(status)
        if body:
            self.send_header("content-type", "application/json")
        if status != 204:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _has(self, token):
        given = self.headers.get("authorization") or ""
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())

    def _clock(self):
        if not self._has(self.settings["clockToken"]):
            return self._send(401)
        if self.command == "GET":
            return self._send(200, json.dumps({"epochMs": self.parking.time.now_ms()}).encode())
        try:
            epoch_ms = json.loads(self._body)["epochMs"]
        except (ValueError, KeyError, TypeError):
            return self._send(400)
        if not is_integer(epoch_ms, 0, 2**53 - 1):
            return self._send(400)
        self.parking.time.move_to(epoch_ms)
        return self._send(204)

    def _answer(self, path):
        operator_only = path.startswith("/v1/operator/")
        party = self._party()
        if party is None or (operator_only and party != "operator"):
            self._audit(party or "?", path, "unauthorised")
            raise Refused(401, "unauthorised", "this needs another token")
        for method, pattern, name in ROUTES:
            match = re.fullmatch(pattern, path)
            if match and method == self.command:
                if name in ("reserve", "command_lock"):
                    answer = getattr(self, name)(*match.groups())
                else:
                    with self.parking.lock:
                        answer = getattr(self, name)(*match.groups())
                if operator_only and self.command != "GET":
                    self._audit(party, path, "done")
                return (201 if name == "reserve" else 200), answer
        raise Refused(404, "not-found", "there is nothing here")

    def _party(self):
        if "tokens-unchecked" in self.bugs:
            return "operator"
        if self._has(self.settings["operatorToken"]):
            return "operator"
        return "cloud" if self._has(self.settings["cloudToken"]) else None

    def _audit(self, party, path, outcome):
        entries = self.parking.audit
        entry = {"sequence": len(entries) + 1, "at": self.parking.now(), "party": party, "action": self.command}
        entries.append({**entry, "target": path, "outcome": outcome})

    def _json(self):
        try:
            return json.loads(self._body)
        except ValueError:
            raise invalid("not JSON") from None

    def _number(self, name, default, low, high):
        text = self._query.get(name)
        if text is None:
            return default
        need(re.fullmatch(r"\d{1,15}", text) and low <= int(text) <= high, f"{name} is {low} to {high}")
        return int(text)

    def list_spaces(self):
        after = self._query.get("after")
        need(after is None or 0 < len(after) <= 128, "after has 1 to 128 characters")
        return self.parking.list_spaces(after, self._number("limit", 1000, 1, 1000))

    def get_space(self, bay_id):
        return self.parking.space(self.parking.bay(bay_id))

    def reserve(self):
        key = self.headers.get("idempotency-key") or ""
        need(0 < len(key) <= 128, "Idempotency-Key is missing or too long")
        wanted = self._json()
        check_reservation(wanted)
        return self.parking.reserve(self._party(), key, wanted, self.headers.get("x-correlation-id"))

    def get_reservation(self, reservation_id):
        return self.parking.view(self.parking.reservation(reservation_id))

    def cancel(self, reservation_id):
        return self.parking.cancel(reservation_id, operator=False)

    def override(self, reservation_id):
        return self.parking.cancel(reservation_id, operator=True)

    def set_service(self, bay_id):
        order = self._json()
        check_object(order, ("inService",))
        need(isinstance(order["inService"], bool), "inService is true or false")
        return self.parking.set_service(bay_id, order["inService"])

    def get_history(self, bay_id):
        self.parking.bay(bay_id)
        return {"transitions": self._after(self.parking.history.get(bay_id, []))}

    def list_audit(self):
        return {"entries": self._after(self.parking.audit)}

    def _after(self, entries):
        return entries[self._number("after", 0, 0, 2**53 - 1):][:1000]

    def list_alerts(self):
        return {"alerts": self.parking.alerts}

    def add_to_inventory(self):
        wanted = self._json()
        check_inventory(wanted)
        locks = {bay["lockId"]: bay["bayId"] for bay in wanted["bays"]}
        for known in self.parking.bays.values():
            other = locks.get(known["item"]["lockId"], known["item"]["bayId"])
            if other != known["item"]["bayId"]:
                raise Refused(409, "lock-assigned", f"lock {known['item']['lockId']} is another bay's")
        return {"changed": sum(self.parking.add_bay(bay) for bay in wanted["bays"])}

    def command_lock(self, lock_id):
        wanted = self._json()
        check_command(wanted)
        return self.parking.operator_command(lock_id, wanted)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("settings")
    arguments.add_argument("--bug", action="append", default=[], choices=sorted(BUGS))
    given = arguments.parse_args()
    with open(given.settings, encoding="utf-8") as file:
        settings = json.load(file)
    Handler.settings, Handler.bugs = settings, set(given.bug)
    Handler.parking = Parking(settings, Handler.bugs)
    ThreadingHTTPServer.daemon_threads = True
    server = ThreadingHTTPServer(("127.0.0.1", settings["port"]), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}"}), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
