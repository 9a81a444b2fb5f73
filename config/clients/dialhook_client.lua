-- Asks Dialhook over its Unix socket: one question at a time, with a deadline, over a connection that is kept.
--
-- Needs LuaSocket and lua-cjson (Debian: lua-socket, lua-cjson, for each of its Luas); Lua 5.1 to 5.4. Copy it to where the PBX's
-- Lua looks: /usr/local/share/lua/5.1 for Kamailio, beside the script for FreeSWITCH. Used by kamailio/dialhook.lua and
-- freeswitch/dialhook.lua; by hand:
--
--   local dialhook = require "dialhook_client"
--   local client = dialhook.client("/run/dialhook/dialhook.sock")
--   local result, fault, detail = client:ask("call.route", {webhook = "crm", did = "+31502102544"}, 6)
--   local stored, fault, detail = client:event("ended", {call_id = "1732-7", reason = "completed"}, 2)
--
-- `result` is the decision, or nil and then `fault` is one of
--   away        nobody listens, or the connection was closed without an answer; `detail` says why, such as "permission denied"
--   timeout     no whole answer within the seconds; that connection is never used again, so a late answer harms no other call
--   bad_answer  not the JSON-RPC answer to this question, or one over 1 MiB
--   unwanted    `is_wanted`, a function that may be the fourth argument, said false; the connection is closed, so that Dialhook breaks off
--   error       a JSON-RPC error; `detail` is its code, such as -32001: there is no webhook of this name; -32007: the event
--               could not be stored; -32008: the daemon has no valid configuration, as if it were away
-- `stored` is true when the event is on disk.
--
-- A kept connection that turns out to be closed (the daemon was restarted) is opened once more and asked again. So a
-- daemon that dies in the middle of a question can get it twice: give each call its own call_id. An event may then be told twice.

local json = require "cjson.safe"
local clock = require("socket").gettime
local unix = require "socket.unix"

local LONGEST_ANSWER = 1024 * 1024
local SLICE = 0.25 -- seconds between two looks at whether an answer is still wanted
local LONGEST_TEXT = 256 -- bytes; what Dialhook takes of a number, a name or a call's id
local LONGEST_VAR = 1024 -- bytes; what it takes of one of `vars`

local dialhook = {}

-- Texts of a caller

local function follows(text, first, count)
    for at = first, first + count - 1 do
        local byte = text:byte(at)
        if not byte or byte < 0x80 or byte > 0xBF then
            return false
        end
    end
    return true
end

-- How many bytes the character at `at` has, or nil when it is not UTF-8.
local function length_at(text, at)
    local first, second = text:byte(at, at + 1)
    if first < 0x80 then
        return 1
    end
    local overlong = (first == 0xE0 and second and second < 0xA0) or (first == 0xF0 and second and second < 0x90)
    local beyond = (first == 0xED and second and second > 0x9F) or (first == 0xF4 and second and second > 0x8F)
    if first < 0xC2 or first > 0xF4 or overlong or beyond then
        return nil
    end
    local count = first < 0xE0 and 2 or first < 0xF0 and 3 or 4
    return follows(text, at + 1, count - 1) and count or nil
end

-- Where `text` stops being UTF-8, or nil when all of it is.
local function first_fault(text)
    local at = 1
    while at <= #text do
        local count = length_at(text, at)
        if not count then
            return at
        end
        at = at + count
    end
    return nil
end

-- Of Windows-1252, what bytes 80 to 9F are; nothing stands for those that it leaves undefined.
local WINDOWS_1252 = {
    "€", "", "‚", "ƒ", "„", "…", "†", "‡", "ˆ", "‰", "Š", "‹", "Œ", "", "Ž", "",
    "", "‘", "’", "“", "”", "•", "–", "—", "˜", "™", "š", "›", "œ", "", "ž", "Ÿ",
}

local function from_windows_1252(text)
    return (text:gsub("[\128-\255]", function(character)
        local byte = character:byte()
        if byte < 0xA0 then
            return WINDOWS_1252[byte - 0x7F]
        end
        return byte < 0xC0 and "\194" .. character or "\195" .. string.char(byte - 0x40)
    end))
end

-- Whether UTF-8 was cut at `at`, inside its last character. One byte after nothing but ASCII tells too little to say so:
-- `Andr\xE9` is Windows-1252.
local function is_cut(text, at)
    local first, rest = text:byte(at), #text - at + 1
    local tells_too_little = rest == 1 and first > 0xC3 and not text:sub(1, at - 1):find("[\128-\255]")
    return rest <= 3 and not tells_too_little and length_at(text .. ("\128"):rep(4 - rest), at) ~= nil or
        rest == 1 and (first == 0xE0 or first == 0xF0) and not tells_too_little
end

local function cut(value, longest)
    local fault = first_fault(value)
    local text = not fault and value or is_cut(value, fault) and value:sub(1, fault - 1) or from_windows_1252(value)
    if #text <= longest then
        return text
    end
    local last = longest
    while text:byte(last + 1) >= 0x80 and text:byte(last + 1) <= 0xBF do
        last = last - 1
    end
    return text:sub(1, last)
end

-- What a caller sent as Dialhook takes it: UTF-8 of at most 256 bytes. A phone may send anything.
function dialhook.text(value)
    return cut(value, LONGEST_TEXT)
end

-- The same of one of `vars`: at most 1,024 bytes.
function dialhook.var_text(value)
    return cut(value, LONGEST_VAR)
end

-- A member of a decision that is text, or nil; JSON's null is neither nil nor text.
function dialhook.text_of(value)
    return type(value) == "string" and value or nil
end

-- One exchange

local function receive_line(socket, deadline, is_wanted)
    local pieces, size = {}, 0
    while true do
        local left = deadline - clock()
        if left <= 0 then
            return nil, "timeout"
        end
        -- Waits for one byte, then takes what else is there without waiting.
        socket:settimeout(is_wanted and math.min(left, SLICE) or left)
        local byte, fault = socket:receive(1)
        if byte then
            socket:settimeout(0)
            local rest, _, partial = socket:receive(65536)
            local piece = byte .. (rest or partial or "")
            pieces[#pieces + 1], size = piece, size + #piece
            if piece:find("\n", 1, true) then
                return table.concat(pieces)
            end
            if size > LONGEST_ANSWER then
                return nil, "bad_answer"
            end
        elseif fault ~= "timeout" then
            return nil, size > 0 and "bad_answer" or "closed"
        elseif is_wanted and not is_wanted() then
            return nil, "unwanted"
        end
    end
end

local function converse(socket, line, deadline, is_wanted)
    socket:settimeout(math.max(deadline - clock(), 0))
    local sent, fault = socket:send(line)
    if not sent then
        return nil, fault == "timeout" and "timeout" or "closed"
    end
    return receive_line(socket, deadline, is_wanted)
end

-- A socket, or nil and why there is none.
local function connect(path, deadline)
    local socket, fault = (unix.stream or unix)()
    if not socket then
        return nil, fault
    end
    socket:settimeout(math.max(deadline - clock(), 0))
    local connected
    connected, fault = socket:connect(path)
    if connected then
        return socket
    end
    socket:close()
    return nil, path .. ": " .. tostring(fault):lower()
end

-- The decision in an answer, or nil, the fault and its detail.
local function read_answer(line, id)
    local answer = json.decode(line)
    if type(answer) ~= "table" or answer.id ~= id then
        return nil, "bad_answer"
    end
    if type(answer.result) == "table" then
        return answer.result
    end
    if type(answer.error) == "table" then
        return nil, "error", answer.error.code
    end
    return nil, "bad_answer"
end

-- The client

local Client = {}
Client.__index = Client

function dialhook.client(path)
    return setmetatable({path = path, asked = 0}, Client)
end

function Client:close()
    if self.socket then
        self.socket:close()
        self.socket = nil
    end
end

function Client:exchange(line, deadline, is_wanted)
    local socket, why = self.socket, nil
    if not socket then
        socket, why = connect(self.path, deadline)
    end
    if not socket then
        return nil, "away", why
    end
    self.socket = nil -- kept again only after a whole answer
    local answer, fault = converse(socket, line, deadline, is_wanted)
    if answer then
        self.socket = socket
    else
        socket:close()
    end
    return answer, fault
end

-- The answer to what is one line, or nil, the fault and its detail.
function Client:line(value, seconds, is_wanted)
    local deadline, line = clock() + seconds, json.encode(value) .. "\n"
    local was_kept = self.socket ~= nil
    local answer, fault, detail = self:exchange(line, deadline, is_wanted)
    if fault == "closed" and was_kept then
        answer, fault, detail = self:exchange(line, deadline, is_wanted)
    end
    if fault == "closed" then
        return nil, "away", "the connection was closed without an answer"
    end
    return answer, fault, detail
end

function Client:request(method, params)
    self.asked = self.asked + 1
    return {jsonrpc = "2.0", id = self.asked, method = method, params = params}
end

function Client:ask(method, params, seconds, is_wanted)
    local answer, fault, detail = self:line(self:request(method, params), seconds, is_wanted)
    if not answer then
        return nil, fault, detail
    end
    local result, misfit
    result, misfit, detail = read_answer(answer, self.asked)
    if misfit == "bad_answer" then
        self:close()
    end
    return result, misfit, detail
end

-- The codes of an event that could not be stored, and of a daemon without a valid configuration: worth saying again.
dialhook.NOT_STORED, dialhook.NO_CONFIGURATION = -32007, -32008

-- What is said of an event, without empty texts and lists.
local function said(params)
    local kept = {}
    for name, value in pairs(params) do
        if value ~= "" and not (type(value) == "table" and next(value) == nil) then
            kept[name] = value
        end
    end
    return kept
end

-- Says an event of a call: created, ringing, answered, transferred or ended.
function Client:event(event, params, seconds, is_wanted)
    local event_params = said(params)
    event_params.event = event
    local result, fault, detail = self:ask("call.event", event_params, seconds, is_wanted)
    if not result then
        return nil, fault, detail
    end
    if result.stored ~= true then
        return nil, "bad_answer"
    end
    return true
end

-- Says several events at once (at most 256, and 64 KiB of JSON), each a table with `event` and the rest. Returns a list, in their order, of
-- true, or the code why one was refused; or nil, the fault and its detail.
function Client:events(list, seconds)
    local requests, outcomes = {}, {}
    local first = self.asked
    for at, params in ipairs(list) do
        requests[at] = self:request("call.event", said(params))
    end
    local line, fault, detail = self:line(requests, seconds)
    if not line then
        return nil, fault, detail
    end
    local answers = json.decode(line)
    for _, answer in ipairs(type(answers) == "table" and answers or {}) do
        local is_answer = type(answer) == "table" and type(answer.id) == "number"
        local is_error = is_answer and type(answer.error) == "table"
        outcomes[is_answer and answer.id - first or 0] = is_error and answer.error.code or true
    end
    if #outcomes ~= #list then
        self:close()
        return nil, "bad_answer"
    end
    return outcomes
end

-- Events on their way to Dialhook. What it could not store, or nobody was there to take, is said again after a second, in order.

local Outbox = {}
Outbox.__index = Outbox

local MOST_AT_ONCE = 100 -- events in one line
local MOST_BYTES = 48 * 1024 -- of them; Dialhook takes lines of 64 KiB
local SECONDS = 5 -- for an answer
local PAUSE = 1 -- seconds

-- `warn` is a function that logs a text. Beyond `most` events that wait the oldest are forgotten.
function dialhook.outbox(path, warn, most)
    return setmetatable({client = dialhook.client(path), warn = warn, most = most, waiting = {}, next_at = 0}, Outbox)
end

-- Adds an event: a table with `event`, `call_id` and the rest.
function Outbox:add(params)
    if #self.waiting == self.most then
        local lost = table.remove(self.waiting, 1)
        self.warn("event lost, too many wait: " .. json.encode(lost.params))
    end
    local kept = said(params)
    self.waiting[#self.waiting + 1] = {params = kept, bytes = #json.encode(kept)}
end

-- The events of the next line.
function Outbox:first()
    local list, bytes = {}, 0
    for at = 1, math.min(#self.waiting, MOST_AT_ONCE) do
        bytes = bytes + self.waiting[at].bytes
        if at > 1 and bytes > MOST_BYTES then
            break
        end
        list[at] = self.waiting[at].params
    end
    return list
end

-- Takes away what was stored, and what would never be: to say it again would stop all that follow. True if nothing is left of the line.
function Outbox:settle(count, outcomes)
    local left = {}
    for at, event in ipairs(self.waiting) do
        local outcome = outcomes[at]
        if at > count or outcome == dialhook.NOT_STORED or outcome == dialhook.NO_CONFIGURATION then
            left[#left + 1] = event
        elseif outcome ~= true then
            self.warn("event refused: " .. tostring(outcome) .. ": " .. json.encode(event.params))
        end
    end
    local is_settled = #left == #self.waiting - count
    self.waiting = left
    return is_settled
end

-- The clock may have been set back since: then the pause is over too.
function Outbox:pauses()
    local now = clock()
    return now < self.next_at and now >= self.next_at - PAUSE
end

-- Says what waits, until all of it is on Dialhook's disk or one line was not; then a second has to pass. Waits for Dialhook.
function Outbox:say()
    while #self.waiting > 0 and not self:pauses() do
        local list = self:first()
        local outcomes, fault, detail = self.client:events(list, SECONDS)
        if not outcomes or not self:settle(#list, outcomes) then
            self.next_at = clock() + PAUSE
            self.warn(#self.waiting .. " events wait: " .. (fault or "not stored") .. (detail and ": " .. tostring(detail) or ""))
        end
    end
end

return dialhook
