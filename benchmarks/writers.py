"""Many clients that write at once: how many errors they get, how much gets done, and how long an answer takes."""

from __future__ import annotations

import statistics
import threading
import time
from typing import Any

from benchmarks.servers import Lictor, Reference, Subject, connection

CLIENTS = (1, 8, 32, 64)
SECONDS = 5.0


class Writer(threading.Thread):
    """A client that makes runs and moves them until time is up."""

    def __init__(self, server: Subject, flow_id: str, until: float) -> None:
        super().__init__()
        self.api, self.flow_id, self.until = connection(server), flow_id, until
        self.api.socket.settimeout(30)
        self.errors, self.waits = 0, list[float]()

    def run(self) -> None:
        while time.perf_counter() < self.until:
            run = self.ask("/flow_runs/", {"flow_id": self.flow_id})
            for state in ("RUNNING", "COMPLETED") if run else ():
                self.ask(f"/flow_runs/{run['id']}/set_state", {"state": {"type": state}})

    def ask(self, path: str, body: Any) -> Any:
        """Ask once; anything but success is an error."""
        began = time.perf_counter()
        try:
            status, answer = self.api.ask("POST", path, body)
        except OSError:
            status, answer = 599, None
            self.api.socket = self.api.connect()
            self.api.socket.settimeout(30)
        self.waits.append(time.perf_counter() - began)
        if status >= 400:
            self.errors += 1
            return None
        return answer


def compared(kind: type[Lictor] | type[Reference], clients: int) -> dict[str, Any]:
    """Let some clients write to a server of its own."""
    with kind() as server:
        return written(server, clients)


def written(server: Subject, clients: int, seconds: float = SECONDS) -> dict[str, Any]:
    """Let some clients write for some seconds and return what came of it."""
    flow_id = connection(server).ask("POST", "/flows/", {"name": "writers"})[1]["id"]
    until = time.perf_counter() + seconds
    writers = [Writer(server, flow_id, until) for _ in range(clients)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    waits = sorted(wait for writer in writers for wait in writer.waits)
    return {
        "server": server.name,
        "clients": clients,
        "requests a second": round(len(waits) / seconds),
        "errors": sum(writer.errors for writer in writers),
        "p50 ms": round(statistics.median(waits) * 1000, 1),
        "p95 ms": round(waits[int(len(waits) * 0.95)] * 1000, 1),
        "p99 ms": round(waits[int(len(waits) * 0.99)] * 1000, 1),
        "slowest ms": round(waits[-1] * 1000, 1),
    }
