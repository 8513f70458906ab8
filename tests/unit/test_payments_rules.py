"""Tenders, answers, states, and the promises that verify looks after."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from baton.payments import claims, rules
from baton.payments.errors import AnswerUnfit, CardData, SettledOtherwise, TenderInvalid
from baton.payments.model import (
    CaptureAt,
    Claim,
    Effect,
    EffectKind,
    EffectState,
    Payment,
    PaymentState,
    PaymentStatus,
    Tender,
)
from baton.payments.port import (
    AuthoriseRequest,
    CaptureRequest,
    DeclineCode,
    Declined,
    RefundRequest,
    Succeeded,
    VoidRequest,
)
from baton.payments.states import EFFECT_MOVES, ENDS, PAYMENT_MOVES, STARTS, Answer
from baton.values.ids import Id, new_id
from baton.values.money import Money

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ORDER, SHIPMENT, OTHER = (new_id(1, n) for n in (1, 2, 3))
TENDER = Tender(ORDER, "K3V9T-0QX4M", 1, "fake", "card", "tok_visa", 10_000, "EUR", "ship")


def payment(**changes: object) -> Payment:
    return rules.opened(
        replace(TENDER, **changes), new_id(2, int(str(changes.get("rank", 1)))), NOW
    )


def effect(
    of: Payment,
    kind: EffectKind,
    amount: int,
    state: EffectState = EffectState.REQUESTED,
    *,
    subject: Id | None = None,
    ref: str = "",
    no: int = 1,
) -> Effect:
    settled = None if state is EffectState.REQUESTED else NOW
    return Effect(new_id(3, no), of.id, ORDER, amount, subject, ref, "", NOW, settled, kind, state)


def authorised(amount: int = 10_000, **changes: object) -> Payment:
    return payment(amount=amount, authorised_ref="auth_1", **changes)


DECLINED = Declined(DeclineCode.DO_NOT_HONOUR, "no")

# ── tenders ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["method", "token"])
@pytest.mark.parametrize(
    "number", ["4111111111111111", "4111 1111 1111 1111", "3782-822463-10005", "4222222222222"]
)
def test_a_card_number_is_refused_and_its_field_named(name: str, number: str) -> None:
    with pytest.raises(CardData) as caught:
        rules.check(replace(TENDER, rank=2, **{name: number}))
    assert caught.value.field == f"tenders.1.{name}"
    assert number not in caught.value.message


@pytest.mark.parametrize("token", ["tok_4111111111111111", "4111111111111112", "12345", ""])
def test_a_token_is_taken(token: str) -> None:
    rules.check(replace(TENDER, token=token))


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"amount": -1}, "tenders.0.amount"), ({"capture_at": "never"}, "tenders.0.capture_at")],
)
def test_an_unusable_tender_is_refused(changes: dict[str, object], field: str) -> None:
    with pytest.raises(TenderInvalid) as caught:
        rules.check(replace(TENDER, **changes))
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("changes", "state", "there"),
    [
        ({}, PaymentState.REQUESTED, (0, 0)),
        ({"authorised_ref": "auth_1"}, PaymentState.AUTHORISED, (10_000, 0)),
        ({"provider": "external"}, PaymentState.EXTERNAL, (10_000, 10_000)),
        ({"provider": "external", "amount": 0}, PaymentState.EXTERNAL, (0, 0)),
        ({"token": ""}, PaymentState.DECLINED, (0, 0)),
        ({"amount": 0}, PaymentState.CAPTURED, (0, 0)),
        ({"amount": 0, "authorised_ref": "auth_1"}, PaymentState.CAPTURED, (0, 0)),
    ],
)
def test_what_a_tender_starts_as(
    changes: dict[str, object], state: PaymentState, there: tuple[int, int]
) -> None:
    opened = payment(**changes)
    assert (opened.state, (opened.authorised, opened.captured)) == (state, there)
    assert opened.state in STARTS
    # a payment without effects is what it started as: verify leans on it
    if state is not PaymentState.REQUESTED:
        assert rules.summed(opened, []) == opened


def test_money_taken_elsewhere_is_captured_elsewhere() -> None:
    assert payment(provider="external").capture_at is CaptureAt.EXTERNAL


def test_a_token_does_not_show() -> None:
    assert "tok_visa" not in repr(TENDER)
    assert "tok_visa" not in repr(payment())


# ── a payment is the sum of its effects ────────────────────────────────────────────────────


def test_amounts_are_sums() -> None:
    start = payment()
    effects = [
        effect(start, EffectKind.AUTHORISE, 10_000, EffectState.SUCCEEDED, no=1, ref="auth"),
        effect(start, EffectKind.CAPTURE, 3_000, EffectState.SUCCEEDED, no=2, ref="cap"),
        effect(start, EffectKind.CAPTURE, 2_000, no=3),
        effect(start, EffectKind.CAPTURE, 9_999, EffectState.DECLINED, no=4),
        effect(start, EffectKind.VOID, 5_000, no=5),
        effect(start, EffectKind.REFUND, 1_000, EffectState.SUCCEEDED, no=6, ref="cap"),
        effect(start, EffectKind.REFUND, 500, no=7, ref="cap"),
    ]
    now = rules.summed(start, effects)
    assert (now.authorised, now.captured, now.capturing, now.voided) == (
        10_000,
        3_000,
        2_000,
        5_000,
    )
    assert (now.refunded, now.refunding, now.free) == (1_000, 500, 0)
    assert now.state is PaymentState.AUTHORISED


def _after(*effects: tuple[EffectKind, int, EffectState]) -> PaymentState:
    start = authorised()
    made = [effect(start, k, a, s, no=n, ref="x") for n, (k, a, s) in enumerate(effects)]
    return rules.summed(start, made).state


def test_the_state_follows_from_the_effects() -> None:
    capture, void = EffectKind.CAPTURE, EffectKind.VOID
    asked, won, lost = EffectState.REQUESTED, EffectState.SUCCEEDED, EffectState.DECLINED
    assert _after() is PaymentState.AUTHORISED
    assert _after((capture, 10_000, asked)) is PaymentState.AUTHORISED
    assert _after((capture, 10_000, won)) is PaymentState.CAPTURED
    assert _after((capture, 4_000, won)) is PaymentState.AUTHORISED
    assert _after((capture, 4_000, won), (void, 6_000, asked)) is PaymentState.AUTHORISED
    assert _after((capture, 4_000, won), (void, 6_000, won)) is PaymentState.CAPTURED
    assert _after((capture, 4_000, lost), (void, 10_000, won)) is PaymentState.VOIDED
    assert _after((void, 10_000, asked)) is PaymentState.AUTHORISED
    assert _after((void, 10_000, lost)) is PaymentState.AUTHORISED
    assert _after((capture, 4_000, asked), (void, 6_000, won)) is PaymentState.AUTHORISED


@pytest.mark.parametrize(
    ("payments", "status"),
    [
        ([], PaymentStatus.NONE),
        ([payment()], PaymentStatus.REQUESTED),
        ([authorised()], PaymentStatus.AUTHORISED),
        ([payment(token="")], PaymentStatus.DECLINED),
        ([payment(provider="external")], PaymentStatus.EXTERNAL),
        ([payment(provider="external"), authorised()], PaymentStatus.PARTLY_CAPTURED),
        ([payment(token=""), authorised()], PaymentStatus.AUTHORISED),
        ([payment(), authorised()], PaymentStatus.REQUESTED),
        ([replace(authorised(), captured=1)], PaymentStatus.PARTLY_CAPTURED),
        ([replace(authorised(), state=PaymentState.CAPTURED)], PaymentStatus.CAPTURED),
        ([replace(authorised(), state=PaymentState.VOIDED)], PaymentStatus.VOIDED),
        (
            [replace(authorised(), state=PaymentState.VOIDED), payment(token="")],
            PaymentStatus.VOIDED,
        ),
        (
            [replace(authorised(), state=PaymentState.CAPTURED), payment(provider="external")],
            PaymentStatus.CAPTURED,
        ),
    ],
)
def test_the_payment_word_of_an_order(payments: list[Payment], status: PaymentStatus) -> None:
    assert rules.payment_status(payments) is status


# ── answers ────────────────────────────────────────────────────────────────────────────────


def _answer(of: Effect, ref: str = "ref_1") -> Succeeded:
    return Succeeded(ref, Money(of.amount, "EUR"))


def test_a_success_settles_once() -> None:
    asked = effect(authorised(), EffectKind.CAPTURE, 500, subject=SHIPMENT)
    done = rules.settled(asked, authorised(), _answer(asked), NOW)
    assert (done.state, done.provider_ref, done.settled_at) == (EffectState.SUCCEEDED, "ref_1", NOW)
    assert rules.settled(done, authorised(), _answer(asked), NOW + timedelta(hours=1)) is done


def test_a_decline_settles_once_and_keeps_the_reason() -> None:
    asked = effect(authorised(), EffectKind.CAPTURE, 500, subject=SHIPMENT)
    done = rules.settled(asked, authorised(), DECLINED, NOW)
    assert (done.state, done.error) == (EffectState.DECLINED, "do_not_honour: no")
    assert rules.settled(done, authorised(), DECLINED, NOW) is done


@pytest.mark.parametrize("late", ["decline", "success"])
def test_a_gateway_that_contradicts_itself_is_refused(late: str) -> None:
    asked = effect(authorised(), EffectKind.CAPTURE, 500, subject=SHIPMENT)
    first, second = (_answer(asked), DECLINED) if late == "decline" else (DECLINED, _answer(asked))
    done = rules.settled(asked, authorised(), first, NOW)
    with pytest.raises(SettledOtherwise):
        rules.settled(done, authorised(), second, NOW)


def test_a_second_success_under_another_name_is_refused() -> None:
    asked = effect(authorised(), EffectKind.CAPTURE, 500, subject=SHIPMENT)
    done = rules.settled(asked, authorised(), _answer(asked, "cap_1"), NOW)
    with pytest.raises(SettledOtherwise):
        rules.settled(done, authorised(), _answer(asked, "cap_2"), NOW)


@pytest.mark.parametrize(
    "answer",
    [
        Succeeded("cap_1", Money(499, "EUR")),
        Succeeded("cap_1", Money(500, "USD")),
        Succeeded("", Money(500, "EUR")),
    ],
)
def test_another_amount_than_asked_for_is_refused(answer: Succeeded) -> None:
    asked = effect(authorised(), EffectKind.CAPTURE, 500, subject=SHIPMENT)
    with pytest.raises(AnswerUnfit):
        rules.settled(asked, authorised(), answer, NOW)


def test_a_void_counts_as_all_that_nobody_claimed() -> None:
    start = replace(authorised(), voided=4_000)  # 6,000 came free again after it was asked for
    asked = effect(start, EffectKind.VOID, 4_000)
    done = rules.settled(asked, start, Succeeded("void_1", Money(10_000, "EUR")), NOW)
    assert done.amount == 10_000
    with pytest.raises(AnswerUnfit):
        rules.settled(asked, start, Succeeded("void_1", Money(4_000, "EUR")), NOW)


def test_a_refund_keeps_the_name_of_its_capture() -> None:
    asked = effect(authorised(), EffectKind.REFUND, 500, subject=SHIPMENT, ref="cap_1")
    done = rules.settled(asked, authorised(), _answer(asked, "rfd_1"), NOW)
    assert done.provider_ref == "cap_1"


def test_an_authorisation_brings_its_name_and_its_end() -> None:
    answer = Succeeded("auth_7", Money(10_000, "EUR"), NOW + timedelta(days=7))
    known = rules.authorised(payment(), answer)
    assert (known.provider_ref, known.expires_at) == ("auth_7", NOW + timedelta(days=7))


@pytest.mark.parametrize(
    ("kind", "request_kind"),
    [
        (EffectKind.AUTHORISE, AuthoriseRequest),
        (EffectKind.CAPTURE, CaptureRequest),
        (EffectKind.VOID, VoidRequest),
        (EffectKind.REFUND, RefundRequest),
    ],
)
def test_the_request_is_the_same_each_time(kind: EffectKind, request_kind: type) -> None:
    asked = effect(authorised(), kind, 500, ref="cap_1")
    first, again = (rules.request(asked, authorised(), "K3V9T-0QX4M") for _ in range(2))
    assert isinstance(first, request_kind)
    assert first == again
    assert first.idempotency_key == str(asked.id)
    assert first.amount == Money(500, "EUR")


def test_a_void_waits_for_captures_under_way() -> None:
    busy = replace(authorised(), capturing=1)
    void, capture = (effect(busy, kind, 1) for kind in (EffectKind.VOID, EffectKind.CAPTURE))
    assert rules.must_wait(void, busy)
    assert not rules.must_wait(void, authorised())
    assert not rules.must_wait(capture, busy)


# ── the tables ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("state", list(EffectState))
@pytest.mark.parametrize("answer", list(Answer))
def test_every_answer_in_every_state_of_an_effect(state: EffectState, answer: Answer) -> None:
    start = authorised()
    asked = effect(start, EffectKind.CAPTURE, 500, state, subject=SHIPMENT, ref="ref_1")
    heard = _answer(asked) if answer is Answer.SUCCEEDED else DECLINED
    goal = EffectState(answer.value)
    if (state, goal) in EFFECT_MOVES[answer] or state is goal:
        assert rules.settled(asked, start, heard, NOW).state is goal
    else:
        with pytest.raises(SettledOtherwise):
            rules.settled(asked, start, heard, NOW)


def test_no_move_leaves_an_end() -> None:
    moves = [move for allowed in PAYMENT_MOVES.values() for move in allowed]
    assert {was for was, _ in moves} & ENDS == set()
    assert {now for _, now in moves} <= ENDS | {PaymentState.AUTHORISED}
    assert set(PAYMENT_MOVES) == {(kind, answer) for kind in EffectKind for answer in Answer}


def test_a_state_never_moves_but_as_the_table_says() -> None:
    start = replace(authorised(), state=PaymentState.VOIDED)
    made = effect(start, EffectKind.CAPTURE, 10_000, EffectState.SUCCEEDED, ref="cap")
    with pytest.raises(AssertionError, match="capture succeeded"):
        rules.moved(start, [made], made)


# ── promises ───────────────────────────────────────────────────────────────────────────────


def _broken(of: Payment, *effects: Effect, owed: set[Id] | None = None) -> set[str]:
    return {name for name, _ in rules.faults(of, effects, owed or set(), NOW)}


def test_a_sound_payment_has_no_fault() -> None:
    start = authorised()
    made = effect(start, EffectKind.CAPTURE, 500, subject=SHIPMENT)
    assert _broken(rules.summed(start, [made]), made) == set()


@pytest.mark.parametrize(
    "amount", ["authorised", "captured", "capturing", "refunded", "refunding", "voided"]
)
def test_an_altered_amount_is_found(amount: str) -> None:
    start = authorised()
    altered = replace(start, **{amount: getattr(start, amount) + 1})
    assert "sums" in _broken(altered)


def test_each_other_fault_is_found() -> None:
    start = authorised()
    won = effect(start, EffectKind.CAPTURE, 500, EffectState.SUCCEEDED, subject=SHIPMENT, ref="a")
    twice = [won, replace(won, id=OTHER, provider_ref="b")]
    assert "one_success" in _broken(rules.summed(start, twice), *twice)
    old = replace(effect(start, EffectKind.CAPTURE, 5), requested_at=NOW - timedelta(hours=25))
    assert _broken(rules.summed(start, [old]), old) == {"settled_in_time"}
    lost = effect(start, EffectKind.CAPTURE, 500, EffectState.DECLINED, subject=SHIPMENT)
    assert _broken(start, lost) == {"declined_is_owed"}
    assert _broken(start, lost, owed={SHIPMENT}) == set()
    assert _broken(start, replace(lost, subject_id=ORDER)) == set()
    assert _broken(replace(start, state=PaymentState.DECLINED)) == {"state"}
    too_much = effect(start, EffectKind.CAPTURE, 10_001, subject=SHIPMENT)
    assert _broken(rules.summed(start, [too_much]), too_much) == {"guard"}
    back = effect(start, EffectKind.REFUND, 1, subject=SHIPMENT, ref="cap")
    assert _broken(rules.summed(start, [back]), back) == {"guard"}
    drawn = rules.done(effect(start, EffectKind.CAPTURE, 1, subject=SHIPMENT))
    assert _broken(rules.summed(start, [drawn]), drawn) == {"sums"}


# ── claims ─────────────────────────────────────────────────────────────────────────────────


def _claim(amount: int, subject: Id = SHIPMENT) -> Claim:
    return Claim(ORDER, subject, Money(amount, "EUR"))


def _parts(spread: claims.Spread) -> list[tuple[int, bool]]:
    return [(part.amount, part.drawn) for part in spread.parts]


GIFT = authorised(2_000, rank=1)
CARD = authorised(8_000, rank=2)
ELSEWHERE = payment(provider="external", amount=3_000, rank=3)


def test_tenders_are_used_in_their_rank() -> None:
    spread = claims.spread(_claim(5_000), [CARD, GIFT], [], 0)
    assert [(p.payment_id, p.amount) for p in spread.parts] == [(GIFT.id, 2_000), (CARD.id, 3_000)]
    assert spread.missing == 0


def test_what_nobody_covers_is_missing() -> None:
    spread = claims.spread(_claim(12_500), [CARD, GIFT], [], 0)
    assert _parts(spread) == [(2_000, False), (8_000, False)]
    assert spread.missing == 2_500


def test_a_claim_of_nothing_takes_nothing() -> None:
    for amount in (0, -100):
        assert claims.spread(_claim(amount), [CARD], [], 0) == claims.Spread((), 0, 0)


def test_the_same_claim_again_takes_nothing_more() -> None:
    asked = effect(CARD, EffectKind.CAPTURE, 5_000, subject=SHIPMENT)
    now = rules.summed(CARD, [asked])
    assert claims.spread(_claim(5_000), [now], [asked], 0) == claims.Spread((), 5_000, 0)


def test_what_is_owed_is_not_asked_for_again() -> None:
    lost = effect(CARD, EffectKind.CAPTURE, 5_000, EffectState.DECLINED, subject=SHIPMENT)
    assert claims.spread(_claim(5_000), [CARD], [lost], 5_000) == claims.Spread((), 0, 5_000)


def test_money_taken_elsewhere_is_drawn_shipment_by_shipment() -> None:
    first = claims.spread(_claim(2_000), [ELSEWHERE], [], 0)
    assert _parts(first) == [(2_000, True)]
    drawn = rules.done(effect(ELSEWHERE, EffectKind.CAPTURE, 2_000, subject=SHIPMENT))
    second = claims.spread(_claim(2_000, OTHER), [ELSEWHERE], [drawn], 0)
    assert _parts(second) == [(1_000, True)]
    assert second.missing == 1_000


def test_money_captured_with_the_order_pays_its_shipments() -> None:
    all_of_it = effect(
        CARD, EffectKind.CAPTURE, 8_000, EffectState.SUCCEEDED, subject=ORDER, ref="cap"
    )
    now = rules.summed(CARD, [all_of_it])
    spread = claims.spread(_claim(5_000), [now], [all_of_it], 0)
    assert _parts(spread) == [(5_000, True)]
    assert spread.missing == 0


def test_money_not_captured_yet_with_the_order_pays_no_shipment() -> None:
    under_way = effect(CARD, EffectKind.CAPTURE, 8_000, subject=ORDER)
    now = rules.summed(CARD, [under_way])
    assert claims.spread(_claim(5_000), [now], [under_way], 0).missing == 5_000


def test_capturing_an_order_leaves_money_taken_elsewhere_where_it_is() -> None:
    spread = claims.spread(_claim(11_000, ORDER), [CARD, ELSEWHERE], [], 0)
    assert _parts(spread) == [(8_000, False)]
    assert (spread.before, spread.missing) == (3_000, 0)
    asked = effect(CARD, EffectKind.CAPTURE, 8_000, subject=ORDER)
    again = claims.spread(
        _claim(11_000, ORDER), [rules.summed(CARD, [asked]), ELSEWHERE], [asked], 0
    )
    assert again == claims.Spread((), 11_000, 0)


def test_what_was_declined_with_the_order_is_not_asked_for_again() -> None:
    lost = effect(CARD, EffectKind.CAPTURE, 5_000, EffectState.DECLINED, subject=ORDER)
    again = claims.spread(_claim(5_000, ORDER), [GIFT, CARD], [lost], 0)
    assert again == claims.Spread((), 0, 5_000)
    # it is free for the shipments, which are what is due in the end
    assert _parts(claims.spread(_claim(3_000), [CARD], [lost], 0)) == [(3_000, False)]


def test_money_authorised_later_goes_to_what_was_missing_of_the_order() -> None:
    asked = effect(GIFT, EffectKind.CAPTURE, 2_000, subject=ORDER)
    busy = rules.summed(GIFT, [asked])
    assert claims.spread(_claim(7_000, ORDER), [busy], [asked], 0).missing == 5_000
    later = claims.spread(_claim(7_000, ORDER), [busy, CARD], [asked], 0)
    assert _parts(later) == [(5_000, False)]
    assert later.missing == 0


# ── refunds ────────────────────────────────────────────────────────────────────────────────


def _captured(of: Payment, amount: int, ref: str, no: int) -> Effect:
    return effect(
        of, EffectKind.CAPTURE, amount, EffectState.SUCCEEDED, subject=SHIPMENT, ref=ref, no=no
    )


def test_the_last_tender_gives_back_first() -> None:
    effects = [_captured(GIFT, 2_000, "cap_g", 1), _captured(CARD, 5_000, "cap_c", 2)]
    parts, before = claims.give_back(6_000, OTHER, [GIFT, CARD], effects)
    assert [(p.payment_id, p.amount, p.capture) for p in parts] == [
        (CARD.id, 5_000, "cap_c"),
        (GIFT.id, 1_000, "cap_g"),
    ]
    assert before == 0


def test_nothing_goes_back_twice() -> None:
    taken = _captured(CARD, 5_000, "cap_c", 1)
    back = effect(CARD, EffectKind.REFUND, 4_500, subject=OTHER, ref="cap_c", no=2)
    assert claims.give_back(4_500, OTHER, [CARD], [taken, back]) == ((), 4_500)
    parts, _ = claims.give_back(1_000, SHIPMENT, [CARD], [taken, back])
    assert [part.amount for part in parts] == [500]


def test_a_refund_takes_the_fullest_capture_first() -> None:
    effects = [_captured(CARD, 1_000, "cap_1", 1), _captured(CARD, 3_000, "cap_2", 2)]
    parts, _ = claims.give_back(3_500, OTHER, [CARD], effects)
    assert [(part.amount, part.capture) for part in parts] == [(3_000, "cap_2"), (500, "cap_1")]


def test_a_higher_target_gives_back_the_difference() -> None:
    taken = _captured(CARD, 5_000, "cap_c", 1)
    back = effect(CARD, EffectKind.REFUND, 1_500, subject=OTHER, ref="cap_c", no=2)
    parts, before = claims.give_back(2_000, OTHER, [CARD], [taken, back])
    assert [(part.amount, part.round) for part in parts] == [(500, 1)]
    assert before == 1_500


def test_money_taken_elsewhere_goes_back_elsewhere() -> None:
    drawn = rules.done(effect(ELSEWHERE, EffectKind.CAPTURE, 1_000, subject=SHIPMENT))
    assert claims.give_back(1_000, OTHER, [ELSEWHERE], [drawn]) == ((), 0)
    parts, _ = claims.give_back(1_000, OTHER, [ELSEWHERE], [drawn], anyhow=True)
    assert [(part.amount, part.capture) for part in parts] == [(1_000, "")]
