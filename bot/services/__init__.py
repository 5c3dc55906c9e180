"""Use cases: one transaction each; they know the domain and the ports only."""
