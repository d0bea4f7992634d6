"""Plain Python that every room stands on: no tables, no pages."""
