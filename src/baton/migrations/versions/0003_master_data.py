from baton.platform.migrate import run_file

revision = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    run_file("0003_master_data.sql")
