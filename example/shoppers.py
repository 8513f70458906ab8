"""Who buys what: believable orders from a seed, some of them with a story."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from example.company import CITIES, STORE_CODES, STREETS, Company, Thing

Body = dict[str, Any]

FIRST = ("Ada", "Noor", "Jonas", "Mette", "Émile", "Søren", "Zoë", "Levi", "Ingrid", "Tomasz")
LAST = ("Sørensen", "Müller", "de Vries", "Dubois", "Nowak", "García", "Öztürk", "Lund", "Maier")


# Channels that sell in another currency than the company's own, and what a euro costs there in
# the shop's round figures.
CURRENCIES = {"shop-se": ("SEK", 11), "shop-ch": ("CHF", 1)}


GIFT = 2500
"""What a gift card is worth."""


class Story(StrEnum):
    """What happens to an order on its way."""

    PLAIN = "plain"
    PART_CANCEL = "part cancel"
    RECALL_REFUSED = "recall refused"
    SHORT_PICK = "short pick"
    TWO_PARCELS = "two parcels"
    HOLD_RESOLVED = "hold resolved"
    FAILED_CAPTURE = "failed capture"
    MUST_ACCEPT_SHORTAGE = "must-accept shortage"
    PICK_UP = "pick-up"
    CARRIER_EXCEPTION = "carrier exception"
    SPLIT_TENDER = "split tender"
    TWO_CURRENCIES = "two currencies"
    PARTS_WITH_DISCOUNT = "parts with a discount"
    GIFT_CARD = "gift card"
    PART_RETURN = "part return"
    KEEP_IT = "keep it"
    UNEVEN_EXCHANGE = "uneven exchange"
    BLIND_RETURN = "blind return"
    CHARGEBACK = "chargeback"


STORIES = tuple(story for story in Story if story is not Story.PLAIN)
SHARE = 0.012  # of all orders, for each story: 24 of 2,000


@dataclass(frozen=True, slots=True)
class Sale:
    """An order as the API takes it, and what is to happen to it."""

    story: Story
    body: Body


def stories(orders: int, seed: int) -> list[Story]:
    """One story an order, each at least once, in an order that the seed decides."""
    each = max(1, round(orders * SHARE))
    told = [story for story in STORIES for _ in range(each)][:orders]
    told += [Story.PLAIN] * (orders - len(told))
    random.Random(f"stories/{seed}").shuffle(told)
    return told


class Shoppers:
    """Makes sales; the same ones for the same seed and times."""

    def __init__(self, company: Company, seed: int) -> None:
        self._company, self._dice, self._count = company, random.Random(f"shoppers/{seed}"), 0

    def sale(self, story: Story, at: datetime) -> Sale:
        """A sale of this story, placed at this moment."""
        self._count += 1
        channel = self._channel(story)
        currency, times = CURRENCIES.get(channel, ("EUR", 1))
        lines = self._lines(story, times)
        charges = self._charges(story, lines, times)
        total = sum(line["unit_price"] * line["quantity"] - line["discount"] for line in lines)
        total += sum(charge["amount"] for charge in charges)
        name = f"{self._dice.choice(FIRST)} {self._dice.choice(LAST)}"
        paid_elsewhere = channel in ("market", "wholesale")
        return Sale(
            story,
            {
                "channel": channel,
                "external_id": f"{channel.upper()}-{self._count:06d}",
                "placed_at": at.isoformat(),
                "currency": currency,
                "total": total,
                "lines": lines,
                "groups": [self._group(story, name)],
                "charges": charges,
                "tenders": [] if paid_elsewhere else self._tenders(story, total),
                "buyer_name": name,
                "email": f"buyer{self._dice.randrange(self._count + 40)}@mail.example",
                "language": self._dice.choice(("en", "de")),
            },
        )

    def history(self, count: int, until: datetime, days: int) -> Iterator[Body]:
        """Orders of the weeks before, as entries of an import."""
        for _ in range(count):
            at = until - timedelta(minutes=self._dice.randrange(60, days * 1440))
            body = self.sale(Story.PLAIN, at).body
            yield {"type": "order", **body, "external_id": f"H-{body['external_id']}"}

    def _lines(self, story: Story, times: int) -> list[Body]:
        if story is Story.PARTS_WITH_DISCOUNT:  # one lies in Leipzig alone, one in Hamburg alone
            chosen = [self._dice.choice(things) for things in self._company.apart]
            return [self._line(thing, story, times) for thing in chosen]
        count = self._dice.choices((1, 2, 3, 4), (58, 24, 12, 6))[0]
        if story in (Story.PART_CANCEL, Story.TWO_PARCELS, Story.PART_RETURN):
            count = 2
        chosen = self._dice.sample(self._pool(story), count)
        return [self._line(thing, story, times) for thing in chosen]

    def _pool(self, story: Story) -> list[Thing]:
        if story is Story.MUST_ACCEPT_SHORTAGE:
            return list(self._company.scarce)
        if story is Story.KEEP_IT:
            return [thing for thing in self._company.things if thing.price < 2500]
        return list(self._company.things)

    def _charges(self, story: Story, lines: list[Body], times: int) -> list[Body]:
        """Shipping for small orders; a voucher that no single line carries."""
        goods = sum(line["unit_price"] * line["quantity"] - line["discount"] for line in lines)
        charges = []
        if goods <= 10000 * times and story is not Story.PICK_UP:
            charges.append({"kind": "shipping", "amount": 490 * times, "title": "Shipping"})
        if story is Story.PARTS_WITH_DISCOUNT:
            charges.append({"kind": "discount", "amount": -777, "title": "Voucher SUMMER"})
        return charges

    def _line(self, thing: Thing, story: Story, times: int) -> Body:
        price = thing.price * times
        more = story in (Story.PART_CANCEL, Story.SHORT_PICK)
        quantity = 2 if more else self._dice.choices((1, 2, 3), (85, 12, 3))[0]
        off = self._dice.choices((0, price // 10), (85, 15))[0]
        return {
            "sku": thing.code,
            "title": thing.title,
            "quantity": quantity,
            "unit_price": price,
            "discount": off,
        }

    def _channel(self, story: Story) -> str:
        if story is Story.MUST_ACCEPT_SHORTAGE:
            return "market"
        if story is Story.TWO_CURRENCIES:
            return self._dice.choice(list(CURRENCIES))
        if story is Story.PLAIN:
            weights = (50, 15, 22, 8, 5)
            names = ("shop", "app", "market", "phone", "wholesale")
            return self._dice.choices(names, weights)[0]
        return "shop"

    def _group(self, story: Story, name: str) -> Body:
        if story is Story.PICK_UP:
            store = self._dice.choice(list(STORE_CODES.values()))
            return {"method": "pickup", "location": store}
        city, country, postal, lat, lon = self._dice.choice(CITIES)
        return {
            "address": {
                "name": name,
                "lines": [f"{self._dice.choice(STREETS)} {self._dice.randint(1, 140)}"],
                "city": city,
                "postal_code": postal,
                "country": country,
            },
            "service": self._dice.choices(("standard", "express"), (88, 12))[0],
            "lat": round(lat + self._dice.uniform(-0.2, 0.2), 4),
            "lon": round(lon + self._dice.uniform(-0.2, 0.2), 4),
        }

    def _tenders(self, story: Story, total: int) -> list[Body]:
        token = "tok_decline_capture" if story is Story.FAILED_CAPTURE else "tok_visa"
        first = total * self._dice.randint(20, 60) // 100 if story is Story.SPLIT_TENDER else 0
        cards = [{"method": "card", "amount": total - first, "token": token}]
        if story is Story.GIFT_CARD:
            cards.insert(0, {"method": "gift_card", "amount": min(GIFT, total), "token": ""})
            cards[1]["amount"] -= cards[0]["amount"]
        if first:
            cards.insert(0, {"method": "card", "amount": first, "token": "tok_amex"})
        return [card for card in cards if card["amount"]]
