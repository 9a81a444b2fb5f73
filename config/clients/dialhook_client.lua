-- Asks Dialhook over its Unix socket: one question at a time, with a deadline, over a connection that is kept.
--
-- Needs LuaSocket and lua-cjson (Debian: lua-socket, lua-cjson, for each of its Luas); Lua 5.1 to 5.4. Copy it to where the PBX's
-- Lua looks: /usr/local/share/lua/5.1 for Kamailio, beside the script for FreeSWITCH. Used by kamailio/dialhook.lua and
-- freeswitch/dialhook.lua; by hand:
--
--   local dialhook = require "dialhook_client"
--   local client = dialhook.client("/run/dialhook/dialhook.sock")
--   local result, fault, detail = client:ask("call.route", {webhook = "crm", did = "+31502102544"}, 6)
--
-- `result` is the decision, or nil and then `fault` is one of
--   away        nobody listens, or the connection was closed without an answer; `detail` says why, such as "permission denied"
--   timeout     no whole answer within the seconds; that connection is never used again, so a late answer harms no other call
--   bad_answer  not the JSON-RPC answer to this question, or one over 1 MiB
--   unwanted    `is_wanted`, a function that may be the fourth argument, said false; the connection is closed, so that Dialhook breaks off
--   error       a JSON-RPC error; `detail` is its code, such as -32001: there is no webhook of this name
--
-- A kept connection that turns out to be closed (the daemon was restarted) is opened once more and asked again. So a
-- daemon that dies in the middle of a question can get it twice: give each call its own call_id.

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

function Client:ask(method, params, seconds, is_wanted)
    local deadline = clock() + seconds
    self.asked = self.asked + 1
    local line = json.encode({jsonrpc = "2.0", id = self.asked, method = method, params = params}) .. "\n"
    local was_kept = self.socket ~= nil
    local answer, fault, detail = self:exchange(line, deadline, is_wanted)
    if fault == "closed" and was_kept then
        answer, fault, detail = self:exchange(line, deadline, is_wanted)
    end
    if fault == "closed" then
        return nil, "away", "the connection was closed without an answer"
    end
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

return dialhook
