"""Networks for one modality, one file each; the file name is the name users type."""
