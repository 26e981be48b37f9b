"""The platform's side of the lock link (reference/contracts/lock-link.asyncapi.yaml), and the webhook's."""

import hashlib
import hmac
import json
import queue
import threading
import time
import urllib.error
import urllib.request

import paho.mqtt.client as mqtt

SEND_AGAIN_S = 2.0
"""A lock that has not answered for so long is sent its commands again, wall time."""
RETRY_S = (0.5, 1.0, 2.0, 4.0)
"""Pauses before a webhook comes again, wall time; the last one stays."""


class LockLink:
    """Sends commands until they are answered or their life is over; hands on what locks say."""

    def __init__(self, settings, platform, bugs):
        self._platform = platform
        self._bugs = bugs
        self._lock = threading.RLock()
        self._pending = {}
        self._sequence = {}
        self._outbox = []
        versions = getattr(mqtt, "CallbackAPIVersion", None)
        options = {"client_id": settings["username"], "clean_session": False}
        self._client = mqtt.Client(versions.VERSION1, **options) if versions else mqtt.Client(**options)
        self._client.username_pw_set(settings["username"], settings["password"])
        if settings.get("ca"):
            self._client.tls_set(settings["ca"])
        self._client.on_connect = lambda client, *_: client.subscribe([("locks/+/events", 1), ("locks/+/status", 1)])
        self._client.on_message = self._heard
        self._client.reconnect_delay_set(0.2, 1)
        self._client.connect_async(settings["host"], settings["port"], keepalive=30)
        self._client.loop_start()
        threading.Thread(target=self._send_again, daemon=True).start()

    def send(self, lock_id, command):
        """`command` has all but its stream and sequence. Sent at once; the broker keeps it for a lock that is away."""
        with self._lock:
            number = self._sequence[lock_id] = self._sequence.get(lock_id, 0) + 1
            command = {**command, "stream": self._platform.stream, "sequence": number}
            self._pending.setdefault(lock_id, []).append(command)
            self._publish(lock_id, command)

    def answered(self, lock_id, command_id):
        with self._lock:
            left = [c for c in self._pending.get(lock_id, []) if c["id"] != command_id]
            self._pending[lock_id] = left

    def lock_is_back(self, lock_id):
        with self._lock:
            for command in self._alive(lock_id):
                self._publish(lock_id, command)

    def _alive(self, lock_id):
        now = self._platform.time.now_ms()
        alive = [c for c in self._pending.get(lock_id, []) if self._platform.epoch_ms_of(c["expiresAt"]) > now]
        self._pending[lock_id] = alive
        return alive

    def _publish(self, lock_id, command):
        self._client.publish(f"locks/{lock_id}/commands", json.dumps(command), qos=1)
        self._outbox.append((time.monotonic(), lock_id, command["id"]))

    def _send_again(self):
        while True:
            time.sleep(0.25)
            if "lost-command-not-sent-again" in self._bugs:
                continue
            with self._lock:
                last = {}
                for at, lock_id, command_id in self._outbox:
                    last[(lock_id, command_id)] = at
                for lock_id in list(self._pending):
                    alive = self._alive(lock_id)
                    sent = [last.get((lock_id, c["id"]), 0) for c in alive]
                    # In the order of their sequence, else the lock refuses the earlier one.
                    if alive and max(sent) < time.monotonic() - SEND_AGAIN_S:
                        for command in alive:
                            self._publish(lock_id, command)
                known = {c["id"] for commands in self._pending.values() for c in commands}
                self._outbox = [(at, l, c) for (l, c), at in last.items() if c in known]

    def _heard(self, _client, _userdata, message):
        _, lock_id, kind = message.topic.split("/")
        try:
            body = json.loads(message.payload)
        except ValueError:
            return
        if kind == "events":
            self._platform.lock_says(lock_id, body)
        else:
            self._platform.lock_stands(lock_id, body)


class Webhook:
    """News to the cloud: of one bay in its order, the next only once the last was taken."""

    def __init__(self, url, secret, now_ms, bugs):
        self._url = url
        self._secret = secret.encode()
        self._now_ms = now_ms
        self._bugs = bugs
        self._queues = {}

    def send(self, event):
        line = self._queues.get(event["bayId"])
        if line is None:
            line = self._queues[event["bayId"]] = queue.Queue()
            threading.Thread(target=self._deliver_all, args=(line,), daemon=True).start()
        line.put(event)

    def _deliver_all(self, line):
        while True:
            event = line.get()
            body = json.dumps(event, ensure_ascii=False).encode()
            tries = 0
            while not self._taken(event, body) and "no-webhook-retry" not in self._bugs:
                time.sleep(RETRY_S[min(tries, len(RETRY_S) - 1)])
                tries += 1

    def _taken(self, event, body):
        stamp = str(self._now_ms() // 1000)
        signed = body if "signature-without-time" in self._bugs else stamp.encode() + b"." + body
        headers = {
            "content-type": "application/json",
            "x-lockstep-timestamp": stamp,
            "x-lockstep-signature": "sha256=" + hmac.new(self._secret, signed, hashlib.sha256).hexdigest(),
        }
        if event.get("correlationId"):
            headers["x-correlation-id"] = event["correlationId"]
        if "webhook-unsigned" in self._bugs:
            del headers["x-lockstep-signature"]
        request = urllib.request.Request(self._url, body, headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return 200 <= answer.status < 300
        except (urllib.error.URLError, OSError):
            return False
