"""Keys that programs come with."""

from __future__ import annotations

from dataclasses import replace

from baton.access import rules
from baton.access.errors import KeyNotFound
from baton.access.events import KeyCreated, KeyRevoked
from baton.access.model import ApiKey, Handle, HandleKind, KeyDraft, NewKey, Principal
from baton.access.secret import hash_of
from baton.access.store import keys
from baton.platform import ids, journal
from baton.platform.db import Tx
from baton.values.ids import NIL, Id


def create_key(tx: Tx, maker: Principal, draft: KeyDraft) -> NewKey:
    """A new API key; its handle is in the answer and nowhere else.

    Raises AccessInvalid, or GrantTooWide where it could do more than `maker`.
    """
    rules.check_key(draft)
    rules.check_grant(maker, draft.scopes, draft.location_ids)
    handle = Handle(HandleKind.KEY, tx.tenant, ids.secret())
    key = ApiKey(
        ids.fresh(), draft.name, handle.secret[-4:], draft.scopes, draft.location_ids, tx.now
    )
    keys.add_key(tx, key, hash_of(handle))
    places = key.location_ids
    journal.record(
        tx,
        [
            KeyCreated(
                key.id,
                tuple(sorted(key.scopes)),
                None if places is None else tuple(sorted(places)),
            )
        ],
    )
    return NewKey(key, str(handle))


def revoke_key(tx: Tx, maker: Principal, key_id: Id) -> ApiKey:
    """The key opens nothing from the commit on. Twice is as good as once.

    Raises KeyNotFound, or GrantTooWide where the key may do more than `maker`.
    """
    key = keys.lock_key(tx, key_id)
    if key is None:
        raise KeyNotFound("There is no such key.", field="key")
    rules.check_grant(maker, key.scopes, key.location_ids)
    if key.revoked_at:
        return key
    keys.revoke_key(tx, key_id)
    journal.record(tx, [KeyRevoked(key_id)])
    return replace(key, revoked_at=tx.now)


def page_of_keys(tx: Tx, after: Id = NIL, limit: int = 100) -> list[ApiKey]:
    """Up to `limit` keys made after the one named; revoked ones too."""
    return keys.page_of_keys(tx, after, limit)
