"""Which account a line goes to: the merchant's chart, or the one shipped with Baton."""

from __future__ import annotations

from collections.abc import Iterable

from baton.accounting.errors import ChartInvalid, MappingMissing
from baton.accounting.model import (
    Account,
    AccountKind,
    Chart,
    Key,
    Leg,
    Mapping,
    Origin,
    PostingLine,
)
from baton.values.ids import NIL, Id

K = AccountKind
MOST_ACCOUNTS, MOST_MAPPINGS = 2000, 10_000

# number, name, kind, and the keys that go there unless the merchant says otherwise
_SHIPPED: tuple[tuple[str, str, AccountKind, tuple[Key, ...]], ...] = (
    ("1000", "Bank", K.ASSET, (Key.BANK,)),
    ("1100", "Receivables from customers", K.ASSET, (Key.RECEIVABLE,)),
    ("1200", "Payment gateways, clearing", K.ASSET, (Key.CLEARING_GATEWAY,)),
    ("1210", "Sales channels, clearing", K.ASSET, (Key.CLEARING_CHANNEL,)),
    ("1220", "Disputed payments", K.ASSET, (Key.DISPUTED,)),
    ("1300", "Goods in stock", K.ASSET, (Key.STOCK,)),
    ("1400", "Due between legal entities", K.ASSET, (Key.PARTNER,)),
    ("2000", "Goods received, not invoiced", K.LIABILITY, (Key.GOODS_RECEIVED,)),
    ("2100", "Customer deposits", K.LIABILITY, (Key.DEPOSIT,)),
    ("2200", "Gift cards", K.LIABILITY, (Key.GIFT_CARD,)),
    ("2210", "Store credit", K.LIABILITY, (Key.STORE_CREDIT,)),
    ("2220", "Gift cards sold, not yet issued", K.LIABILITY, (Key.GIFT_CARD_SALES,)),
    ("2300", "Tax payable", K.LIABILITY, (Key.TAX,)),
    ("3000", "Opening balances", K.EQUITY, ()),
    ("4000", "Sales of goods", K.INCOME, (Key.REVENUE,)),
    ("4010", "Sales of services", K.INCOME, (Key.REVENUE_SERVICE,)),
    ("4020", "Shipping charged", K.INCOME, (Key.REVENUE_SHIPPING,)),
    ("4030", "Other charges", K.INCOME, (Key.REVENUE_CHARGE,)),
    ("4040", "Differences to the channel's total", K.INCOME, (Key.ADJUSTMENT,)),
    ("4100", "Discounts", K.INCOME, (Key.DISCOUNT,)),
    ("4200", "Returns", K.INCOME, (Key.RETURNS,)),
    ("4210", "Return fees", K.INCOME, (Key.RETURN_FEE,)),
    ("4300", "Appeasements", K.INCOME, (Key.APPEASEMENT, Key.GOODWILL)),
    ("4400", "Stored value that expired", K.INCOME, (Key.BREAKAGE,)),
    ("4500", "Exchange gains", K.INCOME, (Key.EXCHANGE_GAIN,)),
    ("5000", "Cost of goods sold", K.EXPENSE, (Key.COST,)),
    ("5100", "Stock adjusted", K.EXPENSE, (Key.STOCK_ADJUSTED,)),
    ("5110", "Differences of counts", K.EXPENSE, (Key.STOCK_COUNTED,)),
    ("5120", "Stock written off", K.EXPENSE, (Key.STOCK_WRITTEN_OFF,)),
    ("6000", "Payment fees", K.EXPENSE, (Key.PAYMENT_FEE,)),
    ("6010", "Chargebacks lost", K.EXPENSE, (Key.DISPUTE_LOSS,)),
    ("6020", "Differences of payouts", K.EXPENSE, (Key.PAYOUT_DIFFERENCE,)),
    ("6100", "Bad debts", K.EXPENSE, (Key.BAD_DEBT,)),
    ("6200", "Exchange losses", K.EXPENSE, (Key.EXCHANGE_LOSS,)),
    ("6210", "Rounding", K.EXPENSE, (Key.ROUNDING,)),
)

SHIPPED = Chart(
    tuple(Account(number, name, kind) for number, name, kind, _ in _SHIPPED),
    tuple(Mapping(key, number) for number, _, _, keys in _SHIPPED for key in keys),
)
"""The chart that Baton brings along: neutral numbers, every key mapped."""


def account_of(
    chart: Chart, key: Key, legal_entity_id: Id, channel_id: Id, codes: tuple[str, ...] = ()
) -> str | None:
    """The account of a key: the narrowest mapping wins, code before channel before entity."""
    best: tuple[tuple[int, bool, bool], str] | None = None
    for each in chart.mappings:
        if each.key is not key:
            continue
        if each.legal_entity_id not in (NIL, legal_entity_id):
            continue
        if each.channel_id not in (NIL, channel_id) or (each.code and each.code not in codes):
            continue
        nearness = len(codes) - codes.index(each.code) if each.code else 0
        rank = (nearness, each.channel_id != NIL, each.legal_entity_id != NIL)
        if best is None or rank > best[0]:
            best = rank, each.account
    return best[1] if best else None


def mapped(chart: Chart, origin: Origin, leg: Leg) -> PostingLine:
    """The leg with its account. Raises MappingMissing."""
    number = account_of(chart, leg.key, origin.legal_entity_id, origin.channel_id, leg.codes)
    if number is None:
        raise MappingMissing(f"No account is mapped for {leg.key}.", key=leg.key.value)
    assert leg.base is not None
    code = leg.codes[0] if leg.codes else ""
    return PostingLine(number, leg.key.value, leg.amount, leg.base, code, leg.sku_id, leg.units)


def check(accounts: Iterable[Account], mappings: Iterable[Mapping]) -> Chart:
    """The chart, where it can be used. Raises ChartInvalid, which says where it can't."""
    accounts, mappings = tuple(accounts), tuple(mappings)
    numbers = {account.number for account in accounts}
    if len(numbers) < len(accounts):
        raise ChartInvalid("An account number stands twice.", field="accounts")
    seen: set[tuple[object, ...]] = set()
    for place, each in enumerate(mappings):
        where = f"mappings.{place}"
        if each.account not in numbers:
            said = f"The chart has no account {each.account[:20]!r}."
            raise ChartInvalid(said, field=f"{where}.account")
        key = each.key, each.legal_entity_id, each.channel_id, each.code
        if key in seen:
            raise ChartInvalid("This is mapped twice.", field=where)
        seen.add(key)
    return Chart(accounts, mappings, saved=True)
