"""What our own training and a user's loop measure and change with: the same lines for both."""
