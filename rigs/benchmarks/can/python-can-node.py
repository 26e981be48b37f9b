"""A python-can node under measurement: PLAN is JSON on the command line, results are JSON lines on standard output.

The same plans as node-process.ts: see measurement.ts.
"""

import json
import os
import resource
import sys
import time

import can

END_ID = 0x7FF


def open_bus(bus):
    options = {"interface": bus["interface"], "channel": bus["channel"]}
    if bus["interface"] == "udp_multicast":
        options.update(port=bus["port"], hop_limit=0)
    return can.Bus(**options)


def say(what):
    print(json.dumps(what), flush=True)


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


class Reception:
    def __init__(self, plan):
        self.stamped = plan["stamped"]
        self.warm_up = plan["warmUp"]
        self.received = 0
        self.first = self.last = 0
        self.latencies = []

    def take(self, message):
        now = time.monotonic_ns()
        if self.received == 0:
            self.first = now
        self.last = now
        self.received += 1
        if self.stamped and self.received > self.warm_up:
            self.latencies.append(now - int.from_bytes(message.data, "little"))

    def figures(self):
        self.latencies.sort()
        return {
            "received": self.received,
            "seconds": (self.last - self.first) / 1e9,
            "latenciesNs": self.latencies,
        }


def receive(plan):
    parent = os.getppid()
    with open_bus(plan["bus"]) as bus:
        reception = Reception(plan)
        say({"ready": True})
        started = cpu_seconds()
        while True:
            message = bus.recv(1.0)
            if message is None:
                if os.getppid() != parent:
                    sys.exit("nobody is left to be told")
                continue
            if message.arbitration_id == END_ID:
                break
            reception.take(message)
        say({**reception.figures(), "lost": None, "cpuSeconds": cpu_seconds() - started})


def sending(plan, bus):
    """Sends the frames of a plan; a generator, so that one thread can receive in between."""
    frames = [
        can.Message(arbitration_id=f["id"], is_extended_id=f["extended"], data=bytes.fromhex(f["data"]))
        for f in plan["frames"]
    ]
    count, rate, stamped = plan["count"], plan["framesPerSecond"], plan["stamped"]
    started = time.monotonic()
    for n in range(count):
        if rate:
            due = started + n / rate
            while (wait := due - time.monotonic()) > 0:
                time.sleep(min(wait, 0.001))
        message = frames[n % len(frames)]
        if stamped:
            message.data = bytearray(time.monotonic_ns().to_bytes(8, "little"))
        while True:
            try:
                bus.send(message)
                break
            except can.CanOperationError:
                time.sleep(0.0005)  # the queue of the interface is full
        yield


def send(plan):
    with open_bus(plan["bus"]) as bus:
        say({"ready": True})
        sys.stdin.readline()
        started = cpu_seconds()
        for _ in sending(plan, bus):
            pass
        used = cpu_seconds() - started
        say({"sent": plan["count"], "cpuSeconds": used})
        end = can.Message(arbitration_id=END_ID, is_extended_id=False, data=b"")
        while sys.stdin.readline():
            bus.send(end)


def both(plan):
    with open_bus(plan["bus"]) as sender, open_bus(plan["bus"]) as receiver:
        say({"ready": True})
        sys.stdin.readline()
        reception = Reception(plan)
        started = cpu_seconds()
        for _ in sending(plan, sender):
            while (message := receiver.recv(0)) is not None:
                reception.take(message)
        say({**reception.figures(), "sent": plan["count"], "lost": None, "cpuSeconds": cpu_seconds() - started})


plan = json.loads(sys.argv[1])
{"send": send, "receive": receive, "both": both}[plan["role"]](plan)
