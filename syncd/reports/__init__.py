"""Reports: questions that a merchant asks of the shop's history, answered from the mirror."""
