from baton.platform.migrate import run_file

revision = "0012"
down_revision: str | None = "0011"


def upgrade() -> None:
    run_file("0012_accounting.sql")
