"""The control API: tests and demonstrations change the world with it and are told the truth.

`front` has the table of calls, `shop` that of one shop's, `connectors.sandbox.mailchimp.control` that of the account.
"""
