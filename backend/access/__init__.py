"""Identities: passwords, sessions, tokens, and how often somebody may guess."""
