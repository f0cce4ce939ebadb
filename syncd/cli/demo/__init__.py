"""`syncd demo`: the whole job against a simulated shop and mailing list, told on screen."""
