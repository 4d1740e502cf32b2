"""The report on a class, on made-up outcomes."""
