"""Users, sessions and tokens on both databases."""

import time

import pytest

from backend.store import Store, accounts
from rhoscope.accounts import Role
from rhoscope.errors import Conflict, NotFound


def test_an_account_lives_and_goes_with_all_that_is_its_own(store: Store) -> None:
    with store.writing() as db:
        accounts.add(db, "ann", Role.ADMIN, "hash")
        accounts.add(db, "bob", Role.VIEWER, "hash")
        token = accounts.add_token(db, "bob", "laptop", "digest")
        accounts.open_session(db, "old", time.time() - 1, "bob")
        accounts.open_session(db, "new", time.time() + 9, "bob")
        accounts.see(db, token.id)
    with store.reading() as db:
        assert accounts.of_session(db, "old", "") is None
        assert accounts.of_session(db, "new", "") == ("bob", Role.VIEWER)
        result = accounts.of_token(db, "digest")
        assert result is not None
        assert result[:2] == ("bob", Role.VIEWER)
        assert result[2].seen is not None
        with pytest.raises(NotFound):
            accounts.get(db, "zoe")
    with store.writing() as db, pytest.raises(Conflict, match="already"):
        accounts.add(db, "bob", Role.ADMIN, "hash")
    with store.writing() as db:
        accounts.edit(db, "bob", Role.OPERATOR, "another", keep="new")
        assert accounts.of_session(db, "new", "") == ("bob", Role.OPERATOR)
        accounts.edit(db, "bob", None, "third")
        assert accounts.of_session(db, "new", "") is None
        accounts.remove(db, "bob")
        assert accounts.of_token(db, "digest") is None
        assert [user.name for user in accounts.all_of(db)] == ["ann"]


def test_the_oldest_sessions_of_one_user_end_first(store: Store) -> None:
    last = time.time() + 1000
    with store.writing() as db:
        accounts.add(db, "ann", Role.ADMIN, "hash")
        for number in range(accounts.MOST_SESSIONS + 2):
            accounts.open_session(db, f"s{number}", last + number, "ann")
        accounts.open_session(db, "shared", last, None, "digest")
        kept = [
            number
            for number in range(accounts.MOST_SESSIONS + 2)
            if accounts.of_session(db, f"s{number}", "")
        ]
        assert kept == list(range(2, accounts.MOST_SESSIONS + 2))
        assert accounts.of_session(db, "shared", "digest") == ("", Role.ADMIN)
