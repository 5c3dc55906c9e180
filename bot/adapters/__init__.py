"""One vendor per file; vendor exceptions end here."""
