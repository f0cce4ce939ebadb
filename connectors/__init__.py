"""The packages that speak to services. They see syncd's ports, values and errors, and never each other."""
