"""Whoever guesses can't tell from an answer whether a name is somebody's."""

from argon2 import PasswordHasher, extract_parameters

from backend.access import passwords


def test_nobodys_hash_fits_no_password_and_costs_as_much_as_any() -> None:
    assert not passwords.fits(None, "nobody")
    assert not passwords.fits(passwords.hashed("nobody"), "somebody")
    assert passwords.fits(passwords.hashed("nobody"), "nobody")
    assert extract_parameters(passwords.without_owner(PasswordHasher())) == extract_parameters(
        PasswordHasher().hash("nobody")
    )
