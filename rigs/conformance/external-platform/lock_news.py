"""What follows from a lock's news (reference/contracts/lock-link.asyncapi.yaml, Event and Status)."""

import uuid

ACTIVE = ("held", "accepted", "code-issued", "unlocked", "occupied")
SCAN_ALERTS = {v: f"{v}-code" for v in ("foreign", "used", "expired", "misread", "throttled")}


def new_id(kind):
    return f"{kind}-{uuid.uuid4().hex}"


class LockNews:
    """The part of Parking that locks drive. Each event counts once, by its id, whenever it comes."""

    def lock_stands(self, lock_id, status):
        with self.lock:
            bay = self.bay_of_lock(lock_id)
            if bay is None:
                return
            was = bay["status"]
            health = self.health(bay)
            bay["status"] = status
            bay["bolt"] = status["bolt"]
            if "occupied" in status:
                bay["occupancy"] = "occupied" if status["occupied"] else "free"
            if self.health(bay) != health:
                self._transition(bay, "lock-health", self.health(bay), f"status of {lock_id}")
                if self.health(bay) == "offline":
                    self._alert(bay, "lock-offline")
            self._changed(bay)
            back = status["online"] and (not was or not was["online"] or was["bootCount"] != status["bootCount"])
        if back:
            self.locks.lock_is_back(lock_id)

    def lock_says(self, lock_id, event):
        with self.lock:
            bay = self.bay_of_lock(lock_id)
            if bay is None or event["id"] in self._seen:
                return
            self._seen.add(event["id"])
            held = self.reservations.get(event.get("reservationId") or "")
            if held and held["bayId"] != bay["item"]["bayId"]:
                held = None
            handler = getattr(self, "_on_" + event["type"].replace("-", "_"), None)
            if handler:
                handler(bay, held, event, f"{event['type']} {event['id']}")

    def _on_command_result(self, bay, _held, event, _cause):
        self.locks.answered(bay["item"]["lockId"], event["commandId"])
        waiting = self._results.get(event["commandId"])
        if waiting:
            waiting[1] = event
            waiting[0].set()

    def _on_reservation_accepted(self, bay, held, _event, cause):
        if held and held["state"] == "held":
            self._step(bay, held, "accepted", cause, "reservation-accepted")

    def _on_reservation_refused(self, bay, held, event, cause):
        self._alert(bay, "coordinates-refused", event["reason"])
        if held and held["state"] in ACTIVE[:3]:
            held["reason"] = event["reason"]
            self._step(bay, held, "refused", cause, "reservation-refused", reason=event["reason"])

    def _on_unlock_code_requested(self, bay, held, _event, cause):
        if held and held["state"] in ACTIVE[1:3] and held is bay["reservation"]:
            self._issue(bay, held, cause)

    def _on_code_scanned(self, bay, _held, event, _cause):
        if event["verdict"] in SCAN_ALERTS:
            self._alert(bay, SCAN_ALERTS[event["verdict"]])

    def _on_bolt_changed(self, bay, held, event, cause):
        if bay["bolt"] != event["bolt"]:
            bay["bolt"] = event["bolt"]
            self._transition(bay, "bolt", event["bolt"], cause)
        if event["bolt"] == "down" and held and held["state"] in ("code-issued", "expired") and held["code"]:
            held["fell"] = self.time.now_ms()
            if "states-swapped" in self.bugs:
                self._tell(bay, held, "bay-occupied")
            self._step(bay, held, "unlocked", cause, "bay-unlocked")

    def _on_occupancy_changed(self, bay, _held, event, cause):
        occupancy = "occupied" if event["occupied"] else "free"
        if bay["occupancy"] != occupancy:
            bay["occupancy"] = occupancy
            self._transition(bay, "occupancy", occupancy, cause)
        held = bay["reservation"]
        if event["occupied"] and held and held["state"] == "unlocked":
            self._step(bay, held, "occupied", cause, "bay-occupied")
        elif not event["occupied"] and held and held["state"] == "occupied":
            self._tell(bay, held, "bay-left")
            self._end(held, "completed", cause)

    def _on_gps_fix(self, bay, _held, event, _cause):
        bay["fix"], bay["hdop"] = {"location": event["location"], "at": event["at"]}, event["hdop"]
        self._changed(bay)

    def _on_fault(self, bay, _held, event, _cause):
        detail = event["fault"] + (f": {event['detail']}" if "detail" in event else "")
        self._alert(bay, "lock-fault", detail)

    def _alert(self, bay, kind, detail=None):
        item = bay["item"]
        alert = {"alertId": new_id("a"), "at": self.now(), "lockId": item["lockId"], "bayId": item["bayId"], "kind": kind}
        self.alerts.append({**alert, "detail": detail} if detail else alert)
