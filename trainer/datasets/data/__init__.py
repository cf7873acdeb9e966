"""The files of the built-in data sets, with the scripts that built them."""
