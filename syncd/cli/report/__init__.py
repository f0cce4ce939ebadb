"""`syncd report`: questions to the mirror; one small file a report."""
