"""From a data set's files, as its owners publish them, to a folder that training reads without decoding."""
