"""Tokens, sessions and passwords."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.access import passwords
from backend.access.identities import WRONG_PER_NAME, Identities, Unread
from backend.store import Store, accounts
from rhoscope.accounts import Role
from rhoscope.errors import Conflict, TooMany, Unauthorized

SHARED = "shared secret of all"
ODD = [("\udfff", "x"), ("\0", "x"), ("a b", "x"), ("x" * 64, "x")]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    store = Store(f"sqlite:///{tmp_path / 'store.db'}")
    store.open()
    yield store
    store.close()


def add(store: Store, name: str, role: Role, password: str = "correct horse") -> None:
    with store.writing() as db:
        accounts.add(db, name, role, passwords.hashed(password))


def test_without_a_token_and_users_nobody_has_to_log_in_and_with_either_everybody(store: Store) -> None:
    assert not Identities(store, "").required()
    assert Identities(store, SHARED).required()
    add(store, "ann", Role.ADMIN)
    assert Identities(store, "").required()


def test_a_user_logs_in_by_password_and_is_known_by_the_session(store: Store) -> None:
    identities = Identities(store, "")
    add(store, "ann", Role.VIEWER)
    identity = identities.of_session(identities.log_in(" Ann ", "correct horse"))
    assert identity is not None
    assert (identity.name, identity.role) == ("ann", Role.VIEWER)
    assert identities.of_session("made up") is None


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("ann", "wrong horse"),
        ("nobody", "correct horse"),
        ("ann", ""),
        ("ann", "\udfff"),
        ("\udfff", "x"),
        ("\0", "x"),
    ],
)
def test_a_wrong_name_or_password_is_refused_in_the_same_words(
    store: Store, name: str, password: str
) -> None:
    add(store, "ann", Role.ADMIN)
    with pytest.raises(Unauthorized, match="The name or the password is wrong"):
        Identities(store, "").log_in(name, password)


def test_guesses_at_a_name_end_even_with_the_right_password(store: Store) -> None:
    identities = Identities(store, "")
    add(store, "ann", Role.ADMIN)
    for _ in range(WRONG_PER_NAME):
        with pytest.raises(Unauthorized):
            identities.log_in("ann", "wrong horse")
    with pytest.raises(TooMany):
        identities.log_in("ann", "correct horse")


def test_a_session_of_the_shared_token_ends_when_the_token_changes(store: Store) -> None:
    secret = Identities(store, SHARED).log_in_with(SHARED)
    identity = Identities(store, SHARED).of_session(secret)
    assert identity is not None
    assert identity.role is Role.ADMIN
    assert Identities(store, "another secret").of_session(secret) is None
    assert Identities(store, "").of_session(secret) is None
    with pytest.raises(Unauthorized):
        Identities(store, "").log_in_with("")


def test_no_secret_is_in_the_store(store: Store) -> None:
    identities = Identities(store, SHARED)
    add(store, "ann", Role.ADMIN)
    secrets = [identities.log_in("ann", "correct horse"), identities.log_in_with(SHARED)]
    secrets += [identities.make_token("ann", "laptop")[1], "correct horse", SHARED]
    with store.reading() as db:
        tables = [
            db.exec_driver_sql(f"SELECT * FROM {name}").all() for name in ("users", "sessions", "tokens")
        ]
    kept = [str(tuple(row)) for table in tables for row in table]
    assert [secret for secret in secrets for row in kept if secret in row] == []
    assert any("$argon2id$" in row for row in kept)


def test_what_is_known_of_a_session_is_forgotten_when_its_user_changes(store: Store) -> None:
    identities = Identities(store, "")
    add(store, "ann", Role.ADMIN)
    add(store, "bob", Role.ADMIN)
    session = identities.log_in("bob", "correct horse")
    _, token = identities.make_token("bob", "laptop")
    assert identities.of_session(session)
    assert identities.of_token(token)
    with store.writing() as db:
        accounts.remove(db, "bob")
    identities.forget()
    assert identities.of_session(session) is None
    assert identities.of_token(token) is None


def test_who_was_here_just_now_is_known_without_the_store(store: Store) -> None:
    """Else a database that is locked would stop all requests at the gate."""
    identities = Identities(store, "")
    add(store, "ann", Role.ADMIN)
    session = identities.log_in("ann", "correct horse")
    for ask in (lambda: identities.required(read=False), lambda: identities.of_session(session, read=False)):
        with pytest.raises(Unread):
            ask()
    assert identities.required()
    assert identities.of_session(session)
    assert identities.required(read=False)
    assert identities.of_session(session, read=False)
    identities.forget()
    with pytest.raises(Unread):
        identities.of_session(session, read=False)


def test_there_is_always_an_admin_among_users(store: Store) -> None:
    add(store, "ann", Role.ADMIN)
    add(store, "bob", Role.VIEWER)
    for change in (
        lambda db: accounts.remove(db, "ann"),
        lambda db: accounts.edit(db, "ann", Role.VIEWER, None),
    ):
        with pytest.raises(Conflict, match="no admin"), store.writing() as db:
            change(db)
    with store.writing() as db:
        accounts.remove(db, "bob")
        accounts.remove(db, "ann")
        assert accounts.all_of(db) == []
