-- Kamailio's side of Dialhook: makes a question of an INVITE, asks in an async worker, and makes SIP of the decision.
-- Loaded by kamailio.cfg (app_lua); needs dialhook_client.lua. docs/kamailio.md has the table of answers.

local dialhook = require "dialhook_client"
local json = require "cjson.safe"

local client -- each Kamailio process keeps its own connection

-- What the caller gets in the failure branch. Whatever is not named here: OTHERS.
local REFUSALS = {
    nak = {404, "Not Found"},
    no_dialplan = {404, "Not Found"},
    away = {503, "Service Unavailable"},
    overload = {503, "Service Unavailable"},
    shutdown = {503, "Service Unavailable"},
}
local OTHERS = {480, "Temporarily Unavailable"}

-- While these last, the call takes the way of FALLBACK_HOST, if there is one.
local NO_DECISION = {away = true, overload = true, shutdown = true}

local NO_DIALPLAN = -32002 -- error codes of docs/engine-protocol.md

-- $def() gives a text with the quotes that it is written with.
local function setting(name)
    return (KSR.pv.gete("$def(" .. name .. ")"):gsub('^"(.*)"$', "%1"))
end

-- From INVITE to question, in a SIP worker

-- A display name without the quotes and backslashes of SIP.
local function plain_name(name)
    local quoted = name:match('^%s*"(.*)"%s*$')
    return quoted and quoted:gsub("\\(.)", "%1") or name
end

local function asserted_user()
    if setting("TRUST_ASSERTED_IDENTITY") ~= "1" then
        return ""
    end
    return KSR.pv.gete("$(ai{uri.user})")
end

local function presentation()
    local privacy = KSR.pv.gete("$hdr(Privacy)"):lower()
    local asks_for_it = privacy ~= "" and not privacy:find("none", 1, true)
    local anonymous = KSR.pv.gete("$fd"):lower() == "anonymous.invalid"
    return (asks_for_it or anonymous) and "prohibited" or "allowed"
end

-- Leaves the question as JSON in $var(question), or nothing when no number was called.
function dialhook_question()
    local did = KSR.pv.gete("$(rU{s.unescape.user})")
    if did == "" then
        return
    end
    local asserted = asserted_user()
    local webhook = setting("DIALHOOK_WEBHOOK")
    KSR.pv.sets("$var(question)", json.encode({
        webhook = webhook ~= "" and webhook or nil,
        did = dialhook.text(did),
        callerid = dialhook.text(asserted ~= "" and asserted or KSR.pv.gete("$(fU{s.unescape.user})")),
        callername = dialhook.text(plain_name(KSR.pv.gete("$fn"))),
        call_id = dialhook.text(KSR.pv.gete("$ci")),
        presentation = presentation(),
    }))
end

-- From decision to SIP. What a web server or a caller wrote goes through one of these before it is in a message.

local function without_controls(text)
    return (text:gsub("%c", ""))
end

local function quoted(text)
    return '"' .. without_controls(text):gsub('[\\"]', "\\%0") .. '"'
end

-- User part of a SIP URI: all that is not surely harmless is percent-encoded.
local function user_part(number)
    return (number:gsub("[^A-Za-z0-9+*_.-]", function(character)
        return ("%%%02X"):format(character:byte())
    end))
end

-- Dialhook lets no other destination through; it is looked at again here, because this one becomes a header.
local function uri_of(destination, host)
    if destination:match("^sips?:") then
        return destination:match("^sips?:[A-Za-z0-9._+~*#-]+@[A-Za-z0-9.:%[%]-]+$")
    end
    return destination:match("^%+?[0-9*#]+$") and ("sip:" .. user_part(destination) .. "@" .. host) or nil
end

local function refusal(reason)
    local code, text = (unpack or table.unpack)(REFUSALS[reason] or OTHERS)
    return {code = code, text = text, reason = reason}
end

local function redirect(contact, decision)
    local callerid = type(decision.callerid) == "table" and decision.callerid or {}
    local name, number = dialhook.text_of(decision.callername), dialhook.text_of(callerid.number)
    return {
        code = 302,
        contact = contact,
        callername = name and quoted(name),
        callerid = number and quoted(number),
        presentation = callerid.presentation == "prohibited" and "prohibited" or "allowed",
        reason = dialhook.text_of(decision.reason),
    }
end

-- The number to dial, false when a voice is needed for the steps, nil when none is named.
local function number_of(decision)
    local number = dialhook.text_of(decision.destination)
    for _, step in ipairs(type(decision.steps) == "table" and decision.steps or {}) do
        if type(step) ~= "table" or not (step.dial or step.callername) then
            return false
        end
        number = dialhook.text_of(step.dial) or number
    end
    return number
end

-- What becomes of the call, when nothing says where to.
local function undecided(reason, did)
    local fallback = setting("FALLBACK_HOST")
    if NO_DECISION[reason] and fallback ~= "" then
        return {code = 302, contact = "sip:" .. user_part(did) .. "@" .. fallback, reason = reason}
    end
    return refusal(reason)
end

-- What becomes of the call, when Dialhook has decided.
local function decided(decision, did)
    local to_media = redirect("sip:" .. user_part(did) .. "@" .. setting("MEDIA_HOST"), {})
    if decision.action == "collect" or decision.action == "run" then
        return to_media -- an IVR, or steps in front of the webhook: the media server asks again, by itself
    end
    if decision.action ~= "route" then
        return undecided("away", did)
    end
    local number = number_of(decision)
    if number == false then
        return to_media
    end
    if decision.branch == "failure" and not number then
        return undecided(dialhook.text_of(decision.reason) or "internal", did)
    end
    local contact = uri_of(number or did, setting("DESTINATION_HOST"))
    return contact and redirect(contact, decision) or refusal("destination")
end

-- Hands the outcome to kamailio.cfg. Every variable is set anew: they live as long as the process.
local function hand_over(outcome)
    KSR.pv.seti("$var(code)", outcome.code)
    for _, name in ipairs({"text", "contact", "callername", "callerid", "presentation", "reason"}) do
        KSR.pv.sets("$var(" .. name .. ")", without_controls(outcome[name] or ""))
    end
end

local function outcome_of(params)
    client = client or dialhook.client(setting("DIALHOOK_SOCKET"))
    local decision, fault, code = client:ask("call.route", params, tonumber(setting("DIALHOOK_SECONDS")))
    if not decision then
        KSR.warn("dialhook: no decision: " .. fault .. (code and " " .. tostring(code) or "") .. "\n")
        return undecided(fault == "error" and (code == NO_DIALPLAN and "no_dialplan" or "internal") or "away", params.did)
    end
    return decided(decision, params.did)
end

-- In an async worker: blocks it, and it alone, until the decision is there.
function dialhook_ask(data)
    local index, label, question = data:match("^(%d+) (%d+) (.*)$")
    local fine, outcome = pcall(outcome_of, json.decode(question))
    if not fine then
        KSR.err("dialhook: " .. tostring(outcome) .. "\n")
        outcome = refusal("internal")
    end
    KSR.pv.seti("$var(index)", tonumber(index))
    KSR.pv.seti("$var(label)", tonumber(label))
    hand_over(outcome)
end

-- In a SIP worker: the queue of look-ups is full.
function dialhook_overload()
    hand_over(undecided("overload", KSR.pv.gete("$(rU{s.unescape.user})")))
end
