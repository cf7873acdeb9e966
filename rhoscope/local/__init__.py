"""rhoscope on one machine: its programs as child processes, with an embedded broker."""
