"""A simulated Shopify store: GraphQL over our own part of the published schema, with the real service's manners.

No sockets: `store.Store` takes requests and gives responses. Most of what it does is recorded or published. Where both
are silent, or reports differ, the choice that is harder on a client is taken:

| question | what the simulated store does |
|---|---|
| what a query costs | `cost`: a formula that gives every recorded requested and charged cost |
| THROTTLED | status 200, no data, cost as published; no `Retry-After` |
| `>` on times | acts like `>=` (reported) |
| an offset in a searched time | overlooked (reported) |
| `updated_at:'…'` of customers, without a comparator | the whole day (published) |
| a search field that only the real store knows | an error, code `NOT_SIMULATED`, never a wrong answer |
| warnings of a search in a bulk query | told nowhere; everything is exported |
| paging beyond 25,000 rows | an error, code BAD_REQUEST |
| `bulkOperations` | newest first, as described; `reverse: true` is oldest first |
| children in an export, ungrouped | about 64 parents later, in no order |
| lines of a bulk mutation | run and told in no order |
| one field without its scope in an export | the operation fails, ACCESS_DENIED, without a file |
| members of a segment, without a time zone | by days of UTC (published); they come by id, at most 1000 a page |
| a segment's query that nobody understands | code INVALID, the recorded words without "Query" before them |
| a filter of segments that only the real store knows | an error, code `NOT_SIMULATED`, never a wrong answer |
| what of orders counts in a segment | what docs/segments.md decides, older orders than the token sees included |
| orders older than 60 days without `read_all_orders` | not there: in lists, counts, by id, as `lastOrder`, in exports |
| a tag that is there, added; one that is not, removed | no error, `updatedAt` stays |
| too many or too long tags | userErrors for `tags`, nothing changed, node null |
| `numberOfOrders` | every order but tests, cancelled ones included |
| `amountSpent` | what was kept of orders neither cancelled nor a test |
| an order's change | moves its customer's `updatedAt`, unless told not to (`bump_customers`) |
| a customer deleted | their orders become a guest's and change; the customer is in no list of changes |
| a wrong client secret | 401 `invalid_client` (RFC 6749) |
| the search index | never lags, unless told to (`index_lag`): then lists and counts are up to that old, ids never |
"""
