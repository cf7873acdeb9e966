"""The kinds of task, one file each, with a `TASK`. All are found because they are here."""
