"""Bays, reservations and codes of a parking platform, by reference/contracts/platform.openapi.yaml."""

import itertools
import secrets
import threading
import time

from business_time import BusinessTime, epoch_ms_of, rfc3339
from lock_link import LockLink, Webhook
from lock_news import ACTIVE, LockNews, new_id

HOLD_S = 900
GRACE_S = 10
"""So long after `expiresAt` word of an opening may still be on its way."""
NO_SHOW_S = 1800
COMMAND_LIFE_S = 60
LOCK_ANSWER_S = 20
"""How long an operator waits for a lock, wall time: the bolt's travel included."""


class Refused(Exception):
    def __init__(self, status, error, message):
        super().__init__(message)
        self.status, self.error = status, error


def draw_code():
    """unlock-code.md: version 1, 21 random digits, ISO/IEC 7064 MOD 97-10."""
    body = "1" + "".join(secrets.choice("0123456789") for _ in range(21))
    return body + f"{98 - int(body) * 100 % 97:02d}"


class Parking(LockNews):
    epoch_ms_of = staticmethod(epoch_ms_of)

    def __init__(self, settings, bugs):
        self.bugs = bugs
        self.lock = threading.RLock()
        self.stream = new_id("s")
        self.bays, self.reservations, self.alerts, self.audit = {}, {}, [], []
        self.history, self._seen, self._answers, self._results = {}, set(), {}, {}
        self._changes = itertools.count(1)
        self.time = BusinessTime(self.fall_due)
        self.webhook = Webhook(settings["webhook"]["url"], settings["webhook"]["secret"], self.time.now_ms, bugs)
        for bay in settings["bays"]:
            self.add_bay(bay)
        self.locks = LockLink(settings["broker"], self, bugs)

    # Bays

    def add_bay(self, item):
        """Returns whether it is new or other than before."""
        bay = self.bays.get(item["bayId"])
        if bay is None:
            bay = self.bays[item["bayId"]] = {
                "item": {}, "occupancy": "unknown", "reservation": None, "bolt": "unknown", "inService": True,
                "status": None, "fix": None, "change": 0,
            }
        if bay["item"] == item:
            return False
        bay["item"] = item
        self._changed(bay)
        return True

    def bay(self, bay_id):
        if bay_id not in self.bays:
            raise Refused(404, "bay-unknown", f"there is no bay {bay_id}")
        return self.bays[bay_id]

    def bay_of_lock(self, lock_id):
        return next((bay for bay in self.bays.values() if bay["item"]["lockId"] == lock_id), None)

    def _changed(self, bay):
        bay["change"] = next(self._changes)

    def health(self, bay):
        status = bay["status"]
        if not status or not status["online"]:
            return "offline"
        return "fault" if status.get("faults") or status.get("fault") else "ok"

    def space(self, bay):
        held = bay["reservation"]
        state = held["state"] if held and held["state"] in ACTIVE else "none"
        item, status = bay["item"], bay["status"]
        space = {
            **item,
            "occupancy": bay["occupancy"],
            "reservation": "unlocked" if state == "occupied" else state,
            "lockHealth": self.health(bay),
            "bolt": bay["bolt"],
            "inService": bay["inService"],
        }
        if "free-by-sensor" in self.bugs and bay["occupancy"] == "free":
            space["reservation"] = "none"
        if status and status["online"]:
            said = ("state", "battery", "batteryVolts", "gps", "camera", "faults", "wear")
            space["lock"] = {name: status[name] for name in said if name in status}
        if bay["fix"]:
            space["lastFix"] = bay["fix"]
        if "extra-property" in self.bugs:
            space["floor"] = -2
        if "wrong-enum" in self.bugs:
            space["bolt"] = space["bolt"].upper()
        return space

    def list_spaces(self, after, limit):
        known = (after or "").rpartition(".")
        goes_on = known[0] == self.stream and known[2].isdigit()
        if "pages-by-offset" in self.bugs:
            return self._list_by_offset(int(known[2]) if goes_on else 0, limit, goes_on)
        since = int(known[2]) if goes_on else 0
        changed = sorted((b for b in self.bays.values() if b["change"] > since), key=lambda b: b["change"])
        page = changed[:limit]
        last = page[-1]["change"] if page else since
        return {
            "spaces": [self.space(bay) for bay in page],
            "cursor": f"{self.stream}.{last}",
            "changesOnly": goes_on,
            "continued": goes_on,
            "more": len(page) < len(changed),
        }

    def _list_by_offset(self, offset, limit, goes_on):
        free_first = sorted(self.bays.values(), key=lambda b: b["reservation"] is not None)
        page = free_first[offset:][:limit]
        cursor = f"{self.stream}.{offset + len(page)}"
        more = offset + len(page) < len(free_first)
        if not more:
            cursor = f"{self.stream}.0"
        return {"spaces": [self.space(b) for b in page], "cursor": cursor, "continued": goes_on, "more": more}

    def _transition(self, bay, axis, state, cause, reservation=None):
        entries = self.history.setdefault(bay["item"]["bayId"], [])
        entry = {"sequence": len(entries) + 1, "at": self.now(), "axis": axis, "state": state, "cause": cause}
        if reservation:
            entry["reservationId"] = reservation["reservationId"]
        entries.append(entry)
        self._changed(bay)

    def now(self):
        return rfc3339(self.time.now_ms())

    # Reservations

    def reserve(self, party, key, wanted, correlation):
        if "double-booking" in self.bugs:
            return self._reserve(party, key, wanted, correlation)
        with self.lock:
            return self._reserve(party, key, wanted, correlation)

    def _reserve(self, party, key, wanted, correlation):
        before = self._answers.get((party, key))
        if before and "idempotency-key-ignored" not in self.bugs:
            if before[0] != wanted:
                raise Refused(422, "idempotency-key-reused", "this Idempotency-Key came with another body before")
            if isinstance(before[1], Refused):
                raise before[1]
            return before[1]
        bay = self.bay(wanted["bayId"])
        try:
            answer = self.view(self._hold(bay, wanted, correlation))
        except Refused as refused:
            self._answers[(party, key)] = (wanted, refused)
            raise
        self._answers[(party, key)] = (wanted, answer)
        return answer

    def _hold(self, bay, wanted, correlation):
        taken = bay["reservation"] and bay["reservation"]["state"] in ACTIVE
        if "double-booking" in self.bugs:
            time.sleep(0.15)
        if taken or bay["occupancy"] == "occupied":
            raise Refused(409, "bay-taken", f"bay {wanted['bayId']} is taken")
        if not bay["inService"] or self.health(bay) != "ok":
            raise Refused(409, "bay-out-of-service", f"bay {wanted['bayId']} is out of order")
        ends = self.time.now_ms() + 1000 * wanted.get("holdSeconds", HOLD_S)
        held = {
            "reservationId": new_id("r"), "bayId": wanted["bayId"], "state": "held", "ends": ends, "code": None,
            "symbology": wanted["symbology"], "correlation": correlation, "fell": None,
        }
        self.reservations[held["reservationId"]] = bay["reservation"] = held
        self._transition(bay, "reservation", "held", "request", held)
        order = {"reservationId": held["reservationId"], "location": wanted["location"], "holdUntil": rfc3339(ends)}
        if "wrong-datum" in self.bugs:
            where = wanted["location"]
            order["location"] = {"latitude": where["latitude"] + 0.00134, "longitude": where["longitude"] + 0.00616}
        if bay["fix"]:
            age = max(0, (self.time.now_ms() - epoch_ms_of(bay["fix"]["at"])) / 1000)
            order["reportedFix"] = {"location": bay["fix"]["location"], "ageSeconds": age, "hdop": bay["hdop"]}
        self.command(bay, "reserve", order, held)
        if "code-before-the-comparator" in self.bugs:
            self._issue(bay, held, "request")
        return held

    def view(self, held):
        shown = {name: held[name] for name in ("reservationId", "bayId", "state")}
        if held.get("reason"):
            shown["reason"] = held["reason"]
        return {**shown, "expiresAt": rfc3339(held["ends"])}

    def reservation(self, reservation_id):
        if reservation_id not in self.reservations:
            raise Refused(404, "reservation-unknown", f"there is no reservation {reservation_id}")
        return self.reservations[reservation_id]

    def cancel(self, reservation_id, operator):
        held = self.reservation(reservation_id)
        may = ACTIVE if operator else ACTIVE[:3]
        if held["state"] not in may:
            raise Refused(409, "reservation-not-cancellable", f"the reservation is {held['state']}")
        self._end(held, "cancelled", "operator" if operator else "request", "operator" if operator else None)
        return self.view(held)

    def _end(self, held, state, cause, reason=None):
        """Cancelled, expired or completed: the lock and the cloud learn it."""
        bay = self.bay(held["bayId"])
        if reason:
            held["reason"] = reason
        self._step(bay, held, state, cause, f"reservation-{state}", **({"reason": reason} if reason else {}))
        self.command(bay, "cancel", {"reservationId": held["reservationId"], "reason": state}, held)

    def _step(self, bay, held, state, cause, news, **more):
        held["state"] = state
        self._transition(bay, "reservation", state if state in ACTIVE else "none", cause, held)
        self._tell(bay, held, news, **more)

    def _tell(self, bay, held, news, **more):
        event = {
            "eventId": new_id("e"), "type": news, "at": self.now(), "bayId": bay["item"]["bayId"],
            "reservationId": held["reservationId"], **more,
        }
        if held["correlation"]:
            event["correlationId"] = held["correlation"]
        self.webhook.send(event)

    def _issue(self, bay, held, cause):
        """The code for the lock and, the same, for the user (REQ-14); one that was asked for before goes again."""
        first = held["code"] is None
        if first:
            held["code"] = draw_code()
            if "code-reused" in self.bugs:
                held["code"] = bay.setdefault("oldCode", held["code"])
            self._step(bay, held, "code-issued", cause, "code-issued", code=held["code"], symbology=held["symbology"])
        code = {"reservationId": held["reservationId"], "code": held["code"], "validUntil": rfc3339(held["ends"])}
        self.command(bay, "unlock-code", code, held)

    def set_service(self, bay_id, in_service):
        bay = self.bay(bay_id)
        if bay["inService"] != in_service:
            bay["inService"] = in_service
            self._transition(bay, "service", "in" if in_service else "out", "operator")
        held = bay["reservation"]
        if not in_service and held and held["state"] in ACTIVE[:3]:
            self._end(held, "cancelled", "operator", "out-of-service")
        return self.space(bay)

    def fall_due(self):
        """Starts what the business time has come for, in its order."""
        with self.lock:
            now = self.time.now_ms()
            for held in sorted(self.reservations.values(), key=lambda r: r["ends"]):
                grace = GRACE_S if held["code"] else 0
                if held["state"] in ACTIVE[:3] and held["ends"] + 1000 * grace <= now and "hold-never-ends" not in self.bugs:
                    self._end(held, "expired", "clock")
                elif held["state"] == "unlocked" and held["fell"] + 1000 * NO_SHOW_S <= now:
                    self._end(held, "completed", "clock")

    # Locks

    def command(self, bay, kind, more, held=None, life_s=COMMAND_LIFE_S):
        now = self.time.now_ms()
        order = {"id": new_id("c"), "type": kind, "issuedAt": rfc3339(now), "expiresAt": rfc3339(now + 1000 * life_s), **more}
        if held and held["correlation"]:
            order["correlationId"] = held["correlation"]
        self.locks.send(bay["item"]["lockId"], order)
        return order["id"]

    def operator_command(self, lock_id, wanted):
        with self.lock:
            bay = self.bay_of_lock(lock_id)
            if bay is None:
                raise Refused(404, "lock-unknown", f"there is no lock {lock_id}")
            more = {n: v for n, v in wanted.items() if n in ("settleHardwareMs", "comparatorReading")}
            if wanted["type"] == "sync":
                more["reservationId"] = self._current(bay)
            command_id = self.command(bay, wanted["type"], more, None, wanted.get("expiresInSeconds", COMMAND_LIFE_S))
            come = threading.Event()
            self._results[command_id] = [come, None]
        came = come.wait(LOCK_ANSWER_S)
        with self.lock:
            result = self._results.pop(command_id)[1]
        if not came:
            raise Refused(504, "lock-silent", f"lock {lock_id} has not answered in {LOCK_ANSWER_S} s")
        return {n: result[n] for n in ("outcome", "reason", "bolt", "moves", "reservationId") if n in result}

    def _current(self, bay):
        held = bay["reservation"]
        return held["reservationId"] if held and held["state"] in ACTIVE else None
