from baton.platform.migrate import run_file

revision = "0005"
down_revision: str | None = "0004"


def upgrade() -> None:
    run_file("0005_orders.sql")
