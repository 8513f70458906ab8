from baton.platform.migrate import run_file

revision = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    run_file("0004_inventory.sql")
