"""Data sets that `rhoscope prepare` wrote, read while training."""
