"""Step values on their way from the device to whoever records them."""
