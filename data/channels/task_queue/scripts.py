"""What the queue does inside Redis, in one piece each: Lua scripts, on Redis 6.2 commands.

Keys: `known` (hash: task -> how often it was put since its last delivery), `ready` (stream: the tasks in workers'
hands), `dead` (stream), `bell` (list: one entry wakes one waiting worker), and `lines`, the prefix of

- `PRIORITY` (sorted set: whose organisations wait), `PRIORITY:ORGANISATION` (sorted set: whose keys wait),
  `PRIORITY:ORGANISATION:KEY` (list: the tasks);
- `in_hand` (hash: how many tasks each organisation and each key has in workers' hands), `passed` (hash: how often
  others went before each priority), `turn` (how many tasks have been handed out).

A score is tasks in hand x TURNS + the last turn, so that the first of a set is whose turn it is. Every script costs
O(log n) in the number of parties that wait, whatever the number of tasks. The same law in Python: `waiting_lines.py`.
"""

SHARED = """
local known, ready, dead, bell, lines = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local group = 'workers'
local in_hand, passed, turn = lines .. 'in_hand', lines .. 'passed', lines .. 'turn'
local priorities = {'chat', 'task', 'batch'}
local most_passed = {chat = 0, task = 4, batch = 16}
local TURNS, MOST_COUNTED, MOST_BELLS = 1e13, 800, 64

local function prepare()
  if redis.call('EXISTS', ready) == 0 then
    redis.call('XGROUP', 'CREATE', ready, group, '0', 'MKSTREAM')
    redis.call('DEL', in_hand)
  end
end

local function ring()
  if redis.call('LLEN', bell) < MOST_BELLS then redis.call('RPUSH', bell, 1) end
end

local function score(party, last_turn)
  local count = tonumber(redis.call('HGET', in_hand, party) or 0)
  return string.format('%.0f', math.min(count, MOST_COUNTED) * TURNS + last_turn)
end

-- Even: a newcomer comes before whoever had the last turn.
local function join(set, member, party)
  if not redis.call('ZSCORE', set, member) then
    redis.call('ZADD', set, score(party, 2 * tonumber(redis.call('GET', turn) or 0)), member)
  end
end

local function queue_up(task, organisation, key, priority)
  local of_priority = priority .. ':' .. organisation
  redis.call('RPUSH', lines .. of_priority .. ':' .. key, task)
  join(lines .. of_priority, key, of_priority .. ':' .. key)
  join(lines .. priority, organisation, of_priority)
  ring()
end

local function count(set, member, party, change)
  if redis.call('HINCRBY', in_hand, party, change) <= 0 then redis.call('HDEL', in_hand, party) end
  local now = redis.call('ZSCORE', set, member)
  if now then redis.call('ZADD', set, score(party, math.fmod(tonumber(now), TURNS)), member) end
end

local function count_both(organisation, key, priority, change)
  local of_priority = priority .. ':' .. organisation
  count(lines .. of_priority, key, of_priority .. ':' .. key, change)
  count(lines .. priority, organisation, of_priority, change)
end
"""

# task, organisation, key, priority -> 1 if the queue did not hold it yet
PUT = (
    SHARED
    + """
if redis.call('HINCRBY', known, ARGV[1], 1) > 1 then return 0 end
queue_up(ARGV[1], ARGV[2], ARGV[3], ARGV[4])
return 1
"""
)

# worker, idle_ms -> {id, deliveries, task, organisation, key, priority}, or nil: one that its worker has dropped, else
# the next
TAKE = (
    SHARED
    + """
prepare()
-- What is pending but no longer in the stream, or withdrawn, is only acknowledged: nothing is left to hand out.
for _ = 1, 1000 do
  local late = redis.call('XPENDING', ready, group, 'IDLE', ARGV[2], '-', '+', 1)
  if #late == 0 then break end
  local id = late[1][1]
  local entry = redis.call('XCLAIM', ready, group, ARGV[1], ARGV[2], id)[1]
  local f = entry and entry[2]
  if f and redis.call('HEXISTS', known, f[2]) == 1 then
    redis.call('HSET', known, f[2], 1)
    return {id, late[1][4] + 1, f[2], f[4], f[6], f[8]}
  end
  redis.call('XACK', ready, group, id)
  redis.call('XDEL', ready, id)
  if f then count_both(f[4], f[6], f[8], -1) end
end

local function waits(priority) return redis.call('EXISTS', lines .. priority) == 1 end

local function next_priority()
  for i = #priorities, 2, -1 do
    local p = priorities[i]
    if waits(p) and tonumber(redis.call('HGET', passed, p) or 0) >= most_passed[p] then return p end
  end
  for _, p in ipairs(priorities) do
    if waits(p) then return p end
  end
end

-- The set's first member has had its turn: it goes behind its equals, or leaves if nothing of it waits.
local function pass_on(set, member, party, list)
  if redis.call('EXISTS', list) == 1 then
    redis.call('ZADD', set, score(party, 2 * tonumber(redis.call('GET', turn)) + 1), member)
  else
    redis.call('ZREM', set, member)
  end
end

local function pop(priority)
  local organisation = redis.call('ZRANGE', lines .. priority, 0, 0)[1]
  local of_priority = priority .. ':' .. organisation
  local key = redis.call('ZRANGE', lines .. of_priority, 0, 0)[1]
  local line = of_priority .. ':' .. key
  local task = redis.call('LPOP', lines .. line)
  if task and redis.call('HEXISTS', known, task) == 1 then
    redis.call('INCR', turn)
    redis.call('HINCRBY', in_hand, line, 1)
    redis.call('HINCRBY', in_hand, of_priority, 1)
    pass_on(lines .. of_priority, key, line, lines .. line)
    pass_on(lines .. priority, organisation, of_priority, lines .. of_priority)
    return task, organisation, key
  end
  if redis.call('EXISTS', lines .. line) == 0 then redis.call('ZREM', lines .. of_priority, key) end
  if redis.call('EXISTS', lines .. of_priority) == 0 then redis.call('ZREM', lines .. priority, organisation) end
end

-- Withdrawn tasks are passed over, a bounded number at a time.
for _ = 1, 1000 do
  local priority = next_priority()
  if not priority then
    redis.call('DEL', bell)
    return false
  end
  local task, organisation, key = pop(priority)
  if task then
    for _, p in ipairs(priorities) do
      if p ~= priority and waits(p) then redis.call('HINCRBY', passed, p, 1) else redis.call('HDEL', passed, p) end
    end
    -- This delivery answers every put before it; only a later one counts as new.
    redis.call('HSET', known, task, 1)
    redis.call('XADD', ready, '*', 'task', task, 'organisation', organisation, 'key', key, 'priority', priority)
    local answer = redis.call('XREADGROUP', 'GROUP', group, ARGV[1], 'COUNT', 1, 'STREAMS', ready, '>')
    if redis.call('LLEN', bell) == 0 and next_priority() then ring() end
    return {answer[1][2][1][1], 1, task, organisation, key, priority}
  end
end
ring()
return false
"""
)

# id, task, organisation, key, priority: done with; one that was put again since its delivery goes back into its line
ACKNOWLEDGE = (
    SHARED
    + """
prepare()
local held = redis.call('XACK', ready, group, ARGV[1])
redis.call('XDEL', ready, ARGV[1])
if held == 1 then
  count_both(ARGV[3], ARGV[4], ARGV[5], -1)
  if tonumber(redis.call('HGET', known, ARGV[2]) or 0) > 1 then
    redis.call('HSET', known, ARGV[2], 1)
    queue_up(ARGV[2], ARGV[3], ARGV[4], ARGV[5])
  else
    redis.call('HDEL', known, ARGV[2])
  end
end
return held
"""
)

# id, task, organisation, key, priority, deliveries, reason, kept: taken out for good
BURY = (
    SHARED
    + """
prepare()
if redis.call('XACK', ready, group, ARGV[1]) == 1 then
  redis.call('XDEL', ready, ARGV[1])
  redis.call('HDEL', known, ARGV[2])
  count_both(ARGV[3], ARGV[4], ARGV[5], -1)
  redis.call('XADD', dead, 'MAXLEN', '~', ARGV[8], '*', 'task', ARGV[2], 'organisation', ARGV[3], 'key', ARGV[4],
    'priority', ARGV[5], 'deliveries', ARGV[6], 'reason', ARGV[7])
end
"""
)

# idle_ms -> how many consumers were forgotten: long silent, and with nothing in their hands
FORGET = (
    SHARED
    + """
prepare()
local forgotten = 0
for _, row in ipairs(redis.call('XINFO', 'CONSUMERS', ready, group)) do
  local consumer = {}
  for i = 1, #row, 2 do consumer[row[i]] = row[i + 1] end
  if consumer['pending'] == 0 and consumer['idle'] > tonumber(ARGV[1]) then
    redis.call('XGROUP', 'DELCONSUMER', ready, group, consumer['name'])
    forgotten = forgotten + 1
  end
end
return forgotten
"""
)
