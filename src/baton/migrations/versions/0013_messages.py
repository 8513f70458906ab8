from baton.platform.migrate import run_file

revision = "0013"
down_revision: str | None = "0012"


def upgrade() -> None:
    run_file("0013_messages.sql")
