"""What the queue does inside Redis, in one piece each: Lua scripts, on Redis 6.2 commands.

Keys: `known` (hash: task -> how often it was put since its last delivery), `users` (list: whose turn it is),
`ready` (stream: the next few tasks, and those being worked on), `line` (prefix of a list per user), `dead` (stream).
"""

SHARED = """
local known, users, ready, line, dead = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local group = 'workers'

local function prepare()
  if redis.call('EXISTS', ready) == 0 then
    redis.call('XGROUP', 'CREATE', ready, group, '0', 'MKSTREAM')
  end
end

local function queue_up(task, user)
  if redis.call('RPUSH', line .. user, task) == 1 then redis.call('RPUSH', users, user) end
end

-- One task of each user in turn, until `window` tasks wait in the stream.
local function refill(window)
  prepare()
  local waiting = redis.call('XLEN', ready) - redis.call('XPENDING', ready, group)[1]
  while waiting < tonumber(window) do
    local user = redis.call('LPOP', users)
    if not user then return end
    local task = redis.call('LPOP', line .. user)
    if redis.call('EXISTS', line .. user) == 1 then redis.call('RPUSH', users, user) end
    if task then
      redis.call('XADD', ready, '*', 'task', task, 'user', user)
      waiting = waiting + 1
    end
  end
end

local function delivered(task)
  if redis.call('HEXISTS', known, task) == 1 then redis.call('HSET', known, task, 1) end
end
"""

# task, user, window -> 1 if the queue did not hold it yet
PUT = (
    SHARED
    + """
if redis.call('HINCRBY', known, ARGV[1], 1) > 1 then return 0 end
queue_up(ARGV[1], ARGV[2])
refill(ARGV[3])
return 1
"""
)

# worker, idle_ms, window -> {id, task, user, deliveries} of one that its worker has dropped, or nil
# An id that is pending but no longer in the stream is only acknowledged: there is no task left to hand out.
RECOVER = (
    SHARED
    + """
prepare()
local late = redis.call('XPENDING', ready, group, 'IDLE', ARGV[2], '-', '+', 1)
if #late == 0 then
  refill(ARGV[3])
  return false
end
local id = late[1][1]
local entry = redis.call('XCLAIM', ready, group, ARGV[1], ARGV[2], id)[1]
if not entry then
  redis.call('XACK', ready, group, id)
  return false
end
local task, user = entry[2][2], entry[2][4]
delivered(task)
return {id, task, user, late[1][4] + 1}
"""
)

# task, window: a new one has reached its worker
RECEIVED = (
    SHARED
    + """
delivered(ARGV[1])
refill(ARGV[2])
"""
)

# id, task, user, window: done with; one that was put again since its delivery goes back into the line
ACKNOWLEDGE = (
    SHARED
    + """
prepare()
local held = redis.call('XACK', ready, group, ARGV[1])
redis.call('XDEL', ready, ARGV[1])
if held == 1 then
  if tonumber(redis.call('HGET', known, ARGV[2]) or 0) > 1 then
    redis.call('HSET', known, ARGV[2], 1)
    queue_up(ARGV[2], ARGV[3])
  else
    redis.call('HDEL', known, ARGV[2])
  end
end
refill(ARGV[4])
return held
"""
)

# id, task, user, window, deliveries, reason, kept: taken out for good
BURY = (
    SHARED
    + """
prepare()
if redis.call('XACK', ready, group, ARGV[1]) == 1 then
  redis.call('XDEL', ready, ARGV[1])
  redis.call('HDEL', known, ARGV[2])
  redis.call('XADD', dead, 'MAXLEN', '~', ARGV[7], '*',
    'task', ARGV[2], 'user', ARGV[3], 'deliveries', ARGV[5], 'reason', ARGV[6])
end
refill(ARGV[4])
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
