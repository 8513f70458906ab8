"""The threads of one process."""

from __future__ import annotations

import threading

from baton.app import App
from baton.worker.housekeeper import Housekeeper


class Crew:
    """Worker threads and a housekeeper, started and stopped together."""

    def __init__(self, app: App, threads: int) -> None:
        self._workers = [app.worker() for _ in range(threads)]
        self._housekeeper = Housekeeper(app)
        self._threads = [
            threading.Thread(target=each.run, name=f"worker-{number}", daemon=True)
            for number, each in enumerate(self._workers, 1)
        ]
        self._threads.append(
            threading.Thread(target=self._housekeeper.run, name="housekeeper", daemon=True)
        )

    def start(self) -> None:
        """Begin to work; returns at once."""
        for thread in self._threads:
            thread.start()

    def stop(self, patience_s: float = 30.0) -> bool:
        """Let every thread finish what it is at; False if one was not done in time.

        Nothing is lost then either: a job that was cut off runs again when its lease is over.
        """
        for worker in self._workers:
            worker.stop()
        self._housekeeper.stop()
        for thread in self._threads:
            thread.join(patience_s)
        return not any(thread.is_alive() for thread in self._threads)
