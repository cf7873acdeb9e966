"""The diagnoses, one file each; the file's name is the diagnosis's. All are found because they are here."""
