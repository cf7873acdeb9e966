"""Answers to the API's questions about data sets that only a worker can open."""
