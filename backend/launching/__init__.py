"""From the queue to a worker, and the end of attempts."""
