from baton.platform.migrate import run_file

revision = "0006"
down_revision: str | None = "0005"


def upgrade() -> None:
    run_file("0006_fulfillment.sql")
