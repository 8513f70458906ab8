"""Every connector is one record with a page, strict settings and captured cases."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from connector_cases import cases
from connector_processes import ROOT
from pydantic import SecretStr

from baton.connectors import (
    BUILT_IN,
    ENTRY_POINTS,
    ConnectorMisconfigured,
    ConnectorUnknown,
    Port,
    Registry,
)
from baton.connectors.payments.fake import CONNECTOR as FAKE
from baton.connectors.record import Connector

RECORDS = [pytest.param(record, id=f"{record.port}/{record.name}") for record in BUILT_IN]
Record = Connector[object]


@pytest.mark.parametrize("record", RECORDS)
def test_a_connector_lies_where_its_record_says(record: Record) -> None:
    package = f"baton.connectors.{record.port}.{record.name}"
    assert record.settings.__module__.startswith(package)
    assert record.doc == f"src/{package.replace('.', '/')}/README.md"


@pytest.mark.parametrize("record", RECORDS)
def test_its_page_explains_every_setting(record: Record) -> None:
    page = (ROOT / record.doc).read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `(\w+)`", page, flags=re.MULTILINE))
    assert set(record.settings.model_fields) <= explained
    assert all(field.description for field in record.settings.model_fields.values())


@pytest.mark.parametrize("record", RECORDS)
def test_it_has_captured_cases(record: Record) -> None:
    assert len(cases(record.port, record.name)) >= 3


def test_every_folder_of_a_vendor_is_registered() -> None:
    here = ROOT / "src" / "baton" / "connectors"
    found = {
        (folder.parent.name, folder.name)
        for port in Port
        for folder in (here / port).iterdir()
        if (folder / "__init__.py").is_file()
    }
    assert found == {(record.port.value, record.name) for record in BUILT_IN}


@pytest.mark.parametrize("record", RECORDS)
def test_options_that_nobody_knows_are_refused(record: Record) -> None:
    with pytest.raises(ConnectorMisconfigured) as refused:
        record.open({"no_such_option": "hunter2"})
    assert "hunter2" not in str(refused.value)
    assert refused.value.field


@pytest.mark.parametrize("record", RECORDS)
def test_secrets_are_secret(record: Record) -> None:
    secret = re.compile("key|password|secret|token")
    for name, field in record.settings.model_fields.items():
        if secret.search(name):
            assert field.annotation is SecretStr, name


def test_a_refused_secret_is_not_repeated() -> None:
    with pytest.raises(ConnectorMisconfigured) as refused:
        FAKE.open({"address": "http://127.0.0.1:1", "api_key": ["hunter2"]})
    assert refused.value.field == "api_key"
    assert "hunter2" not in repr(refused.value) + str(refused.value.parameters)


# ------------------------------------------------------------------ the registry


def test_connectors_are_found_by_port_and_name() -> None:
    registry = Registry(BUILT_IN)
    assert registry.gateway("fake").name == "fake"
    assert registry.carrier("flat_rate").name == "flat_rate"
    assert registry.mailer("smtp").name == "smtp"
    assert registry.tax_service("fake").port is Port.TAX
    assert set(registry) == set(BUILT_IN)


def test_an_unknown_name_tells_which_there_are() -> None:
    with pytest.raises(ConnectorUnknown, match=r"'acme'; installed: fake, stripe"):
        Registry(BUILT_IN).gateway("acme")
    with pytest.raises(ConnectorUnknown, match="installed: none"):
        Registry([]).mailer("smtp")


def test_two_of_one_name_are_refused() -> None:
    with pytest.raises(ConnectorMisconfigured):
        Registry([*BUILT_IN, FAKE])


# ------------------------------------------------------------------ other people's packages


def installed(folder: Path, name: str, source: str, entry: str) -> None:
    (folder / f"{name}.py").write_text(source)
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{ENTRY_POINTS}]\n{entry}\n")


def test_a_package_of_somebody_else_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = (
        "import dataclasses\n"
        "from baton.connectors.payments.fake import CONNECTOR as FAKE\n"
        "CONNECTOR = dataclasses.replace(FAKE, name='theirs')\n"
    )
    installed(tmp_path, "their_gateway", source, "theirs = their_gateway:CONNECTOR")
    monkeypatch.syspath_prepend(tmp_path)
    registry = Registry.installed()
    assert registry.gateway("theirs").name == "theirs"
    assert registry.gateway("fake") is FAKE


def test_an_entry_point_that_is_no_record_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(tmp_path, "odd_package", "CONNECTOR = object()\n", "odd = odd_package:CONNECTOR")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConnectorMisconfigured, match="odd_package:CONNECTOR"):
        Registry.installed()
