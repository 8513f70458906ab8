from baton.platform.migrate import run_file

revision = "0014"
down_revision: str | None = "0013"


def upgrade() -> None:
    run_file("0014_drafts.sql")
