"""How data goes for good: the inventory of where it lies, what hangs from a file, the rows and the bytes."""
