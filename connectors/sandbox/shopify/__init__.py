"""A simulated Shopify store: GraphQL over our own part of the published schema, with the real service's manners.

What it does where comes from recorded answers and the published documentation; where both are silent, the choice is
named at its place. The world behind it is `connectors.sandbox.world`.
"""
