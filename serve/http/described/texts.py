"""What the API's description says of the whole, of each subject, and of keys."""

DESCRIPTION = """\
What a client should pay, to whom, in which month; what it saves; the proof; and an explanation a client understands.

Send your key with every request: `Authorization: Bearer <key>`. Amounts are decimal strings in the portfolio's \
currency, rates are fractions (`0.2499`), months are `2027-05`, times are UTC.

Every error is an `application/problem+json` document (RFC 9457) that names each wrong field by its path, with a \
`trace_id` to report it by. Lists are `{"items": […], "next": cursor}`: send `?cursor=` to go on. Send an \
`Idempotency-Key` with a POST that makes a task, a portfolio, a batch or a key, and repeating it never makes a second \
one.

The examples of answers are the service's own, their lists cut short."""

EVENTS = """\
A task's progress and text as they arrive: by SSE as below, or as JSON messages over `WS /v1/tasks/{task_id}/ws`, with \
`?after=` to go on after an event's id. A socket takes the key as a header or, where a browser cannot set one, as the \
subprotocol `bearer.<key>` (offer `debt-optimizer` beside it: that one is then selected). It closes with 1000 at the \
end, 4401 without a valid key, 4403 where the key may not read tasks, 4404 where there is no such task, 4422 \
where `after` is no event's id, 4429 where too much is asked at once, 1013 to come back.

Kinds of event: `message`, `thinking`, `typing`, `tool_call`, `tool_result`, `chunk` {text}, \
`progress` {percent, stage}, `restart` (drop the text so far), `reset` {text} (replace the text so far), and at the \
end one of `complete` {result}, `failed` {error}, `cancelled`."""

KEYS = """\
The API keys of one's organisation. A key has a role: a `viewer` reads, an `analyst` also makes and changes, an \
`admin` also manages keys and people. Scopes narrow it: `plans:read` (all that is reckoned and not kept), and `:read` \
or `:write` of `portfolios`, `tasks`, `batches` and `admin`; who may write may read. A request beyond them answers \
403 and names what is missing; an expired key answers 401."""

TAGS = [
    {"name": "plans", "description": "Quick questions, answered at once by the planner."},
    {"name": "portfolios", "description": "Reading files of debts, and keeping portfolios in versions."},
    {"name": "tasks", "description": "Questions to an agent: accepted at once, run in the background, never lost."},
    {"name": "events", "description": EVENTS},
    {"name": "batches", "description": "A CSV of many portfolios in one run."},
    {"name": "organisation", "description": "How long one's organisation keeps what."},
    {"name": "keys", "description": KEYS},
    {"name": "users", "description": "The people of one's organisation."},
    {"name": "audit", "description": "Who did what in one's organisation."},
    {"name": "service", "description": "What runs and how it is."},
]
BEARER_KEY = (
    "An API key, made by `debt-optimizer keys create`, or an access token of the identity provider, if one is set."
)
BEARER = {"type": "http", "scheme": "bearer", "description": BEARER_KEY}
