"""Stock: what is where, who is promised it, and a ledger of all that happened to it.

Two levels. A *level* is one SKU at one location; an *area row* sums the levels of one SKU over
the locations of an area. Units are reserved in an area when they are sold and allocated at a
location when it is chosen, so that a sale is sure at once and the choice stays free. Explained
with numbers in docs/algorithms/stock.md; who locks what, in docs/algorithms/locking.md.

Tables     inventory.levels · area_stock · reservations · shortages · movements (append-only) ·
           documents · document_lines · count_tasks
Promises   reserve · allocate · deallocate · free · free_all · expire
Facts      record · consume · report_missing · set_held_back, never refused for lack of stock
Transfers  request_transfer · send_transfer · receive_transfer · cancel_transfer
Shortages  open_shortages · victims · reservations_at: whoever works one off takes promises back
           with `deallocate` or `free`, and the shortage closes by that
Reads      levels · area_stock · candidates · reservations · movements · documents ·
           recent_documents · open_count_tasks
Locks      lock: all rows that a flow will touch with several verbs, in the one order
Events     see `events`
Invariants committed + q ≤ offered when a unit is reserved, allocated + q ≤ sellable when it is
           allocated. At any time: level = sum of its movements; area = sum of its levels;
           allocated and committed = sums of reservations; what is promised and not there is
           short, and each short unit is in one open shortage. `verify` proves it.

The caller of a verb that names owners holds their locks (an order's verbs, its order lock).
"""

from baton.inventory.actions.facts import consume, record, report_missing, set_held_back
from baton.inventory.actions.promises import (
    allocate,
    deallocate,
    expire,
    free,
    free_all,
    reserve,
    victims,
)
from baton.inventory.actions.transfers import (
    cancel_transfer,
    receive_transfer,
    request_transfer,
    send_transfer,
)
from baton.inventory.model import (
    NOWHERE,
    AreaStock,
    Arrival,
    Basket,
    Consume,
    CountTask,
    Demand,
    Document,
    DocumentKind,
    DocumentLine,
    DocumentState,
    Give,
    HeldBack,
    Level,
    Missing,
    Movement,
    MovementKind,
    Outcome,
    Reservation,
    Shortage,
    StoredDocument,
    Taken,
    Transfer,
    Wanted,
)
from baton.inventory.store.documents import documents, recent_documents
from baton.inventory.store.invariants import verify
from baton.inventory.store.ledger import movements, movements_of, open_count_tasks
from baton.inventory.store.promises import open_shortages, reservations, reservations_at
from baton.inventory.store.rows import area_stock, candidates, levels, lock

__all__ = [
    "NOWHERE",
    "AreaStock",
    "Arrival",
    "Basket",
    "Consume",
    "CountTask",
    "Demand",
    "Document",
    "DocumentKind",
    "DocumentLine",
    "DocumentState",
    "Give",
    "HeldBack",
    "Level",
    "Missing",
    "Movement",
    "MovementKind",
    "Outcome",
    "Reservation",
    "Shortage",
    "StoredDocument",
    "Taken",
    "Transfer",
    "Wanted",
    "allocate",
    "area_stock",
    "cancel_transfer",
    "candidates",
    "consume",
    "deallocate",
    "documents",
    "expire",
    "free",
    "free_all",
    "levels",
    "lock",
    "movements",
    "movements_of",
    "open_count_tasks",
    "open_shortages",
    "receive_transfer",
    "recent_documents",
    "record",
    "report_missing",
    "request_transfer",
    "reservations",
    "reservations_at",
    "reserve",
    "send_transfer",
    "set_held_back",
    "verify",
    "victims",
]
