from baton.platform.migrate import run_file

revision = "0011"
down_revision: str | None = "0010"


def upgrade() -> None:
    run_file("0011_invoicing.sql")
