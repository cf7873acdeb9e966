"""The verdict on a run: the diagnoses of `backend/diagnoses/`, asked about its stored series."""
