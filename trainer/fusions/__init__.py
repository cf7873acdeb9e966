"""Ways to join features into logits, one file each; the file name is the name users type."""
