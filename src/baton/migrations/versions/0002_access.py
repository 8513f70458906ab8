from baton.platform.migrate import run_file

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    run_file("0002_access.sql")
