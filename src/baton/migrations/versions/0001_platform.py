from baton.platform.migrate import run_file

revision = "0001"
down_revision: str | None = None


def upgrade() -> None:
    run_file("0001_platform.sql")
