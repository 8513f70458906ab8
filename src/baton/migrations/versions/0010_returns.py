from baton.platform.migrate import run_file

revision = "0010"
down_revision: str | None = "0009"


def upgrade() -> None:
    run_file("0010_returns.sql")
