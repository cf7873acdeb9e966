"""What is measured of a network in training, and the series that carry it."""
