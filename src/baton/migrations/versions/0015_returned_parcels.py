from baton.platform.migrate import run_file

revision = "0015"
down_revision: str | None = "0014"


def upgrade() -> None:
    run_file("0015_returned_parcels.sql")
