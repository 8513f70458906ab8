"""Every setting of a Baton process, read once from the environment.

What a merchant chooses (channels, locations, rates) is rows with a history, not a setting.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Frozen; each field is the environment variable BATON_<NAME>, DATABASE_URL apart."""

    model_config = SettingsConfigDict(env_prefix="BATON_", frozen=True, extra="ignore")

    database_url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("DATABASE_URL", "BATON_DATABASE_URL", "database_url"),
        description="A PostgreSQL server, 16 or newer. Without it Baton starts its own.",
    )
    data: Path | None = Field(
        default=None,
        description="Folder of the embedded database. Default: ~/.local/share/baton/<major>, "
        "for root /var/lib/baton/<major>.",
    )
    pg_major: Literal[16, 18] = Field(
        default=18, description="Major version of the embedded PostgreSQL for a new data folder."
    )
    host: str = Field(default="127.0.0.1", description="Address that `baton serve` listens on.")
    port: int = Field(default=8321, ge=0, le=65535, description="Port of `baton serve`.")
    url: str = Field(
        default="",
        description="Address of a running `baton serve` that the command line talks to. Without "
        "it the command line finds one on this machine, or works in its own process.",
    )
    api_key: SecretStr | None = Field(
        default=None, description="API key of the command line when it talks to a running server."
    )
    public_url: str = Field(
        default="", description="What customers' links start with; default: the served address."
    )
    pool_size: int = Field(
        default=10, ge=2, le=100, description="Database connections of one process."
    )
    workers: int = Field(
        default=2, ge=1, le=32, description="Threads that one worker process runs jobs on."
    )
    lease_seconds: int = Field(
        default=60, ge=5, description="A job not finished by then is given to another worker."
    )
    attempts: int = Field(
        default=8, ge=1, description="Failures after which a job is parked for a person."
    )
    gateway_url: str = Field(
        default="", description="Address of the `fake` payment gateway, for tests and the demo."
    )
    gateway_timeout_s: float = Field(
        default=10.0, gt=0, description="Longest wait for a payment gateway's answer, seconds."
    )
    smtp_url: str = Field(
        default="",
        description="Mail server: smtp://[user:password@]host:port, or smtps:// for TLS from "
        "the start. Without it messages wait and the console says so.",
    )
    mail_from: str = Field(default="orders@example.com", description="Sender of mails.")
    carrier_ledger: Path | None = Field(
        default=None,
        description="File in which the built-in flat-rate carrier writes each label it sells.",
    )
    carrier_account: str = Field(
        default="", description="Goes into the flat-rate carrier's tracking numbers."
    )
    connectors: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        repr=False,
        description="Connectors of your own to open, with their options, as JSON: "
        '{"payments.acme": {"token": "…"}, "shipping.acme": {}}. The last mail connector named '
        "takes the place of SMTP.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least level of log lines that are written."
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="Log lines for people or for machines."
    )
