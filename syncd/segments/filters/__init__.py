"""The filters of the language, a module for each thing that they look at."""
