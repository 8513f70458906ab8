"""The way of a transfer: every pair that is not in the table is refused."""

from __future__ import annotations

from itertools import product

import pytest

from baton.inventory.errors import TransferState
from baton.inventory.model import DocumentState
from baton.inventory.states import TRANSFER, TransferAction, advance

PAIRS = list(product(DocumentState, TransferAction))


@pytest.mark.parametrize(("state", "action"), PAIRS)
def test_only_what_the_table_allows(state: DocumentState, action: TransferAction) -> None:
    if (state, action) in TRANSFER:
        assert advance(state, action) is TRANSFER[state, action]
    else:
        with pytest.raises(TransferState):
            advance(state, action)


def test_every_state_of_a_transfer_is_reached() -> None:
    reached = {DocumentState.REQUESTED}
    for _ in DocumentState:
        reached |= {after for (state, _), after in TRANSFER.items() if state in reached}
    assert reached == set(DocumentState) - {DocumentState.RECORDED, DocumentState.HISTORY}


def test_a_cancelled_transfer_stays_cancelled() -> None:
    assert not [pair for pair in TRANSFER if pair[0] is DocumentState.CANCELLED]
