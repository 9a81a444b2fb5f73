-- Says to Dialhook what happens to FreeSWITCH's calls (mod_lua). docs/freeswitch.md, "Events", explains it; needs dialhook_client.lua beside it.
--
-- In autoload_configs/lua.conf.xml, once, so that it runs as long as FreeSWITCH does:
--   <param name="startup-script" value="dialhook_events.lua"/>
--
-- It hears what FreeSWITCH tells of each channel, in order, and no call waits for it.

-- Contexts of the dialplan whose calls are told, and their direction. vars.xml may say others: dialhook_events="public=inbound default=internal"
local CONTEXTS = "public=inbound"

local MOST_WAITING = 10000 -- events, while Dialhook is away

-- Why a call ended in which nobody talked, by the cause of its hang-up; others are `failed`.
local REASONS = {
    USER_BUSY = "busy", NO_ANSWER = "no-answer", NO_USER_RESPONSE = "no-answer", PROGRESS_TIMEOUT = "no-answer", ALLOTTED_TIMEOUT = "no-answer",
    CALL_REJECTED = "declined", ORIGINATOR_CANCEL = "cancelled",
}
local TRANSFERS = {BLIND_TRANSFER = "blind", ATTENDED_TRANSFER = "attended"}

local folder = freeswitch.getGlobalVariable("script_dir")
if folder and folder ~= "" then
    package.path = folder .. "/?.lua;" .. package.path
end
local dialhook = require "dialhook_client"

local function global(name)
    local value = freeswitch.getGlobalVariable(name)
    return value and value ~= "" and value or nil
end

local function warn(text)
    freeswitch.consoleLog("warning", "dialhook: " .. text:gsub("%c+", " ") .. "\n")
end

local directions = {}
for context, direction in (global("dialhook_events") or CONTEXTS):gmatch("([^%s=]+)=(%a+)") do
    directions[context] = direction
end

local outbox = dialhook.outbox(global("dialhook_socket") or "/run/dialhook/dialhook.sock", warn, MOST_WAITING)

local calls = {} -- by the uuid of the caller's channel, which is the call_id
local legs = {} -- of the other channels of calls, by uuid: {call, number, rang, answered}

-- Returns a header of an event as Dialhook takes it, or nil.
local function text_of(event, ...)
    for _, name in ipairs({...}) do
        local value = event:getHeader(name)
        if value and value ~= "" then
            return dialhook.text(value)
        end
    end
    return nil
end

-- Microseconds since 1970, as RFC 3339.
local function time_of(event)
    local microseconds = tonumber(event:getHeader("Event-Date-Timestamp"))
    return microseconds and os.date("!%Y-%m-%dT%H:%M:%S", math.floor(microseconds / 1000000)) ..
        (".%06dZ"):format(microseconds % 1000000)
end

local function add(call, event, name, facts)
    facts.event, facts.call_id, facts.at = name, call.id, time_of(event)
    outbox:add(facts)
end

-- A channel of a caller, or of a telephone that a call rings.
local function created(event, uuid)
    if event:getHeader("Call-Direction") == "inbound" then
        local direction = directions[event:getHeader("Caller-Context")]
        if not direction then
            return
        end
        calls[uuid] = {id = uuid, others = 0, number = text_of(event, "Caller-Caller-ID-Number")}
        add(calls[uuid], event, "created", {
            direction = direction,
            did = text_of(event, "Caller-Destination-Number"),
            callerid = calls[uuid].number,
            callername = text_of(event, "Caller-Caller-ID-Name"),
            presentation = event:getHeader("Caller-Privacy-Hide-Number") == "true" and "prohibited" or "allowed",
        })
        return
    end
    local of = text_of(event, "Other-Leg-Unique-ID", "variable_originating_leg_uuid", "Channel-Call-UUID")
    local call = calls[of] or legs[of] and legs[of].call -- that of one who was transferred goes on with its call
    if call then
        call.others = call.others + 1
        legs[uuid] = {call = call}
    end
end

-- Returns who is at a leg: a user of the directory, else the number that was dialled.
local function number_of(event, leg)
    leg.number = leg.number or text_of(event, "variable_dialed_user", "Caller-Callee-ID-Number", "Caller-Destination-Number")
    return leg.number
end

-- 180 and 183 alike, and both of them.
local function rings(event, uuid)
    local leg = legs[uuid]
    if leg and not leg.rang and not leg.answered then
        leg.rang = true
        add(leg.call, event, "ringing", {targets = {number_of(event, leg)}})
    end
end

local function answered(event, uuid)
    local leg, call = legs[uuid], calls[uuid]
    if call then
        call.is_up = true -- perhaps by a mailbox
    elseif leg and not leg.answered then
        leg.answered, leg.call.was_talk = true, true
        add(leg.call, event, "answered", {answered_by = number_of(event, leg)})
    end
end

local function transferred(call, event, by)
    local transfer = TRANSFERS[event:getHeader("Hangup-Cause")]
    if transfer then
        add(call, event, "transferred", {transfer = transfer, transferred_by = by})
    end
    return transfer ~= nil
end

local function reason_of(call, event)
    if call.was_talk then
        return "completed"
    end
    local cause = event:getHeader("Hangup-Cause")
    local disposition = event:getHeader("variable_originate_disposition")
    local reason = REASONS[cause] or REASONS[disposition]
    if not reason and call.is_up then
        return "completed"
    end
    return reason or (cause == "NORMAL_CLEARING" and not disposition) and "cancelled" or "failed"
end

local function end_call(call, event, reason)
    calls[call.id] = nil
    add(call, event, "ended", {reason = reason})
end

-- A call ends with its caller. If he transferred the one he talked to, it ends with the last of those who are left.
local function hung_up(event, uuid)
    local call, leg = calls[uuid], legs[uuid]
    if call then
        if transferred(call, event, call.number) and call.others > 0 then
            call.is_left = true
        else
            end_call(call, event, reason_of(call, event))
        end
    elseif leg then
        legs[uuid], leg.call.others = nil, leg.call.others - 1
        if calls[leg.call.id] then
            transferred(leg.call, event, leg.number)
        end
        if leg.call.is_left and leg.call.others == 0 then
            end_call(leg.call, event, "completed")
        end
    end
end

local TAKES = {
    CHANNEL_CREATE = created, CHANNEL_PROGRESS = rings, CHANNEL_PROGRESS_MEDIA = rings, CHANNEL_ANSWER = answered, CHANNEL_HANGUP = hung_up,
}

local consumer = freeswitch.EventConsumer()
for name in pairs(TAKES) do
    consumer:bind(name)
end
consumer:bind("SHUTDOWN")

local is_over = false
while not is_over do
    local event = consumer:pop(1, 1000) -- milliseconds
    while event do
        local name = event:getHeader("Event-Name")
        if TAKES[name] then
            TAKES[name](event, event:getHeader("Unique-ID"))
        end
        is_over = is_over or name == "SHUTDOWN"
        event = consumer:pop(0)
    end
    outbox:say()
end
