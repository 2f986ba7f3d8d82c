"""What a token stream does inside Redis, in one piece each: Lua scripts, on Redis 6.2 commands.

Keys: `stream` (the events), `meta` (hash: newest attempt, last id, how many events since it began, whether it has
ended, and each writer's last parcel), `text` (the whole text of the newest attempt so far).
"""

SHARED = """
local stream, meta, text = KEYS[1], KEYS[2], KEYS[3]

local function expire(seconds)
  for _, key in ipairs(KEYS) do redis.call('EXPIRE', key, seconds) end
end

local function begin_anew()
  redis.call('XTRIM', stream, 'MAXLEN', 0)
  redis.call('DEL', text)
  redis.call('HDEL', meta, 'ended', 'count')
end
"""

# writer, parcel, attempt, kept, ttl_s, ttl_ended_s, then (kind, text, json) of each event -> the last id
# A parcel that came before is not written again; one without the parcel before it, which a server that was emptied or
# killed has lost, is refused, so that its writer tells everything again; an attempt that is not the newest is refused;
# nothing follows the end of an attempt; a newer attempt after the end begins the stream anew.
APPEND = (
    SHARED
    + """
local attempt = tonumber(ARGV[3])
local known = redis.call('HMGET', meta, 'attempt', 'ended', 'last', 'parcel:' .. ARGV[1])
local newest, ended, last = tonumber(known[1] or -1), known[2], known[3]
local is_first = ARGV[2] == '0' or ARGV[1] == 'single'
if attempt < newest then return redis.error_reply('STALE attempt ' .. attempt .. ', the newest is ' .. newest) end
if known[4] == ARGV[2] then return last end
if ended and attempt == newest then return last end
if not is_first and known[4] ~= tostring(tonumber(ARGV[2]) - 1) then return redis.error_reply('EMPTIED') end
local is_new = redis.call('EXISTS', stream) == 0 or ended
if ended then begin_anew() end
ended = false
for i = 7, #ARGV, 3 do
  local kind = ARGV[i]
  if kind == 'restart' then redis.call('DEL', text) end
  if kind == 'chunk' then redis.call('APPEND', text, ARGV[i + 1]) end
  if kind == 'final' then ended = true end
  last = redis.call('XADD', stream, 'MAXLEN', '~', ARGV[4], '*', 'event', ARGV[i + 2])
  redis.call('HINCRBY', meta, 'count', 1)
end
redis.call('HSET', meta, 'attempt', attempt, 'last', last, 'parcel:' .. ARGV[1], ARGV[2])
if ended then
  redis.call('HSET', meta, 'ended', 1)
  expire(ARGV[6])
elseif is_new or redis.call('TTL', text) < 0 then
  expire(ARGV[5])
end
return last
"""
)

# after, most -> {where to go on, newest attempt, the first events after it, text so far if something between was
# trimmed}
OPEN = (
    SHARED
    + """
local function before(a, b)
  local a_ms, a_n = string.match(a, '(%d+)-(%d+)')
  local b_ms, b_n = string.match(b, '(%d+)-(%d+)')
  a_ms, b_ms = tonumber(a_ms), tonumber(b_ms)
  return a_ms < b_ms or (a_ms == b_ms and tonumber(a_n) < tonumber(b_n))
end

local function events_after(id)
  return redis.call('XRANGE', stream, '(' .. id, '+', 'COUNT', ARGV[2])
end

local after = ARGV[1]
local known = redis.call('HMGET', meta, 'attempt', 'ended', 'last', 'count')
local attempt, ended, last, count = known[1], known[2], known[3], tonumber(known[4] or 0)
if not last then return {after, 0, {}} end
local is_whole = redis.call('XLEN', stream) == count
local first = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
local is_lost
if after == '0-0' then is_lost = not is_whole
else is_lost = before(last, after) or before(after, first and first[1] or last) end
if not is_lost then return {after, attempt, events_after(after)} end
local from = last
if ended then
  local tail = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 2)
  from = tail[2] and tail[2][1] or '0-0'
end
return {from, attempt, events_after(from), redis.call('GET', text) or ''}
"""
)

# ttl_s: what was said of earlier attempts is forgotten; readers who come now wait for the next one
REOPEN = (
    SHARED
    + """
if redis.call('EXISTS', meta) == 0 then return end
begin_anew()
expire(ARGV[1])
"""
)

# attempt, ttl_s: nothing is left of the events, and no attempt before this one writes any more
ERASE = (
    SHARED
    + """
redis.call('DEL', stream, meta, text)
redis.call('HSET', meta, 'attempt', ARGV[1], 'ended', 1)
redis.call('EXPIRE', meta, ARGV[2])
"""
)
