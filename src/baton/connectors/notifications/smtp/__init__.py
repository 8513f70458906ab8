"""Mail by SMTP, through any mail server. See README.md beside this file."""

from baton.connectors.notifications.smtp.client import SmtpMailer, SmtpSettings
from baton.connectors.record import Connector, Port
from baton.notifications.port import Mailer, MailerCapabilities

__all__ = ["CONNECTOR", "SmtpMailer", "SmtpSettings"]

CONNECTOR: Connector[Mailer] = Connector(
    name="smtp",
    port=Port.NOTIFICATIONS,
    capabilities=MailerCapabilities(html=True, deduplicates=False),
    settings=SmtpSettings,
    open=lambda options: SmtpMailer(SmtpSettings.of(options)),
    doc="src/baton/connectors/notifications/smtp/README.md",
)
