"""Stand-ins for "this modality alone", one file each, with an `ALONE`. All are found: they are here."""
