"""Texts through Twilio's Messages API. See README.md beside this file."""

from baton.connectors.record import Connector, Port
from baton.connectors.sms.twilio.client import TwilioSettings, TwilioTexts
from baton.notifications.port import TextCapabilities, TextSender

__all__ = ["CONNECTOR", "TwilioSettings", "TwilioTexts"]

CONNECTOR: Connector[TextSender] = Connector(
    name="twilio",
    port=Port.SMS,
    capabilities=TextCapabilities(deduplicates=False, looks_up=True),
    settings=TwilioSettings,
    open=lambda options: TwilioTexts(TwilioSettings.of(options)),
    doc="src/baton/connectors/sms/twilio/README.md",
)
