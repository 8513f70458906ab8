from baton.platform.migrate import run_file

revision = "0008"
down_revision: str | None = "0007"


def upgrade() -> None:
    run_file("0008_tax_and_currencies.sql")
