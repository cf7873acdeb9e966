"""From the workers' streams into the store, to alerts and to whoever watches live."""
