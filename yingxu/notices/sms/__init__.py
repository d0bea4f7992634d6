"""SMS behind one port: our templates, and the providers that know them by names of their own."""
