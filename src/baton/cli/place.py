"""Where a Baton is: its settings, its files on this machine, and whether a server runs on it."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx2
import pydantic

from baton.cli.problem import Problem
from baton.platform.embedded.account import own_account
from baton.platform.embedded.binaries import default_major
from baton.platform.embedded.folder import default_data_dir
from baton.platform.settings import Settings

_LOOK_S = 10.0  # nobody there is refused at once; a busy server takes its time


@dataclass
class Place:
    """One database and what this machine keeps beside it, readable by its owner alone.

    Beside an embedded database these are `operator.json` and `serve.json` of its folder; for a
    server named by DATABASE_URL they lie in Baton's own folder, or BATON_DATA if that is set, with
    a hash of the URL in their names.
    """

    settings: Settings

    @cached_property
    def folder(self) -> Path:
        """BATON_DATA; else the embedded database's own, or what holds those of all versions."""
        settings = self.settings
        if settings.data is not None:
            return Path(os.path.realpath(settings.data.expanduser()))
        standard = default_data_dir(default_major(settings.pg_major, own_account()))
        return Path(os.path.realpath(standard if self._embedded else standard.parent))

    @property
    def operator_file(self) -> Path:
        """API keys of whoever may read this file, by the merchant's handle."""
        return self._file("operator")

    @property
    def serve_file(self) -> Path:
        """Where a server says that it runs."""
        return self._file("serve")

    def running(self) -> str:
        """Address of the server to talk to: BATON_URL, one that answers on this database, or ""."""
        if self.settings.url:
            return self.settings.url.rstrip("/")
        said = read(self.serve_file)
        url, instance = str(said.get("url", "")), said.get("instance")
        return url if url and instance and instance_at(url) == instance else ""

    @property
    def _embedded(self) -> bool:
        return self.settings.database_url is None

    def _file(self, name: str) -> Path:
        if self.settings.database_url is None:
            return self.folder / f"{name}.json"
        url = self.settings.database_url.get_secret_value()
        return self.folder / f"{name}-{hashlib.sha256(url.encode()).hexdigest()[:16]}.json"


def place_of(data: Path | None, **changed: Any) -> Place:
    """The place that the environment names, or the one of this data folder.

    Raises Problem with the setting that can't be read.
    """
    if data is not None:
        changed |= {"data": data, "database_url": None}
    try:
        return Place(Settings(**changed))
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = f"BATON_{'_'.join(map(str, first['loc'])).upper()}"
        raise Problem(f"The setting {name} can't be used: {first['msg']}", field=name) from error


def instance_at(url: str) -> str:
    """Which running server answers at an address; "" where none does."""
    try:
        answer = httpx2.get(f"{url}/healthz", timeout=_LOOK_S, trust_env=False)
        return str(answer.json().get("instance", "")) if answer.status_code == 200 else ""
    except (httpx2.HTTPError, ValueError, AttributeError):
        return ""


def read(path: Path) -> dict[str, Any]:
    """The JSON object in a file; empty where there is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write(path: Path, content: dict[str, Any]) -> None:
    """Replace a file in one step; only its owner may read it. Raises Problem."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file)
        unfinished.replace(path)
    except OSError as error:
        raise Problem(f"{path} can't be written: {error.strerror}.") from error
