"""Users' own programs: one attempt at a run whose network is not ours.

host: started by the agent in place of `trainer.run`
  -> child: the program, a process group of its own
  <- reports: its journal, a file -> telemetry/publisher -> Redis
"""
