"""Orders of users, by whatever route: launches, sweeps, and the course of one run."""
