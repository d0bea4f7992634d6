"""How fast the product is, beside the limit measured in the same run."""
