from baton.platform.migrate import run_file

revision = "0016"
down_revision: str | None = "0015"


def upgrade() -> None:
    run_file("0016_payment_news.sql")
