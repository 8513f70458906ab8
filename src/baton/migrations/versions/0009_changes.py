from baton.platform.migrate import run_file

revision = "0009"
down_revision: str | None = "0008"


def upgrade() -> None:
    run_file("0009_changes.sql")
