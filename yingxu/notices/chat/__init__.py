"""Group robots: one port, three makes, and the worker's way with them."""
