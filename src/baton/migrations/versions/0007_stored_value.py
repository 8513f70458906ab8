from baton.platform.migrate import run_file

revision = "0007"
down_revision: str | None = "0006"


def upgrade() -> None:
    run_file("0007_stored_value.sql")
