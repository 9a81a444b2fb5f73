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

-- What a caller dials is a number and nothing else: it goes into a Contact, and from there into dialplans of others.
local LONGEST_NUMBER = 32
local NO_ADDRESS = {code = 484, text = "Address Incomplete"}
local NO_NUMBER = {code = 404, text = "Not Found"}

-- Words of a Privacy header that hide nothing by themselves.
local NO_PRIVACY = {none = true, critical = true}

-- $def() gives a text with the quotes that it is written with.
local function setting(name)
    return (KSR.pv.gete("$def(" .. name .. ")"):gsub('^"(.*)"$', "%1"))
end

local function without_controls(text)
    return (text:gsub("%c", ""))
end

-- Hands the outcome to kamailio.cfg. Every variable is set anew: they live as long as the process.
local function hand_over(outcome)
    KSR.pv.seti("$var(code)", outcome.code)
    for _, name in ipairs({"text", "contact", "callername", "callerid", "presentation", "reason"}) do
        KSR.pv.sets("$var(" .. name .. ")", without_controls(outcome[name] or ""))
    end
end

-- From INVITE to question, in a SIP worker

-- A display name without the quotes and backslashes of SIP.
local function plain_name(name)
    local quoted = name:match('^%s*"(.*)"%s*$')
    return quoted and quoted:gsub("\\(.)", "%1") or name
end

local function unescaped(text)
    return (text:gsub("%%(%x%x)", function(digits)
        return string.char(tonumber(digits, 16))
    end))
end

local function is_number(text)
    return #text <= LONGEST_NUMBER and text:match("^%+?[0-9*#]+$") ~= nil
end

-- Whom a URI names: its user without password, parameters (`;npdi;rn=…`, `;phone-context=…`) and escapes, and a number
-- without the marks that make it easier to read.
local function user_of(uri)
    local scheme, rest = uri:match("^%s*(%a+):(.*)$")
    scheme = scheme and scheme:lower()
    local user = scheme == "tel" and rest or (scheme == "sip" or scheme == "sips") and rest:match("^([^@]*)@") or ""
    user = unescaped(user:match("^[^;:]*"))
    local bare = user:gsub("^(%+[%d.-]+)%(0%)", "%1"):gsub("[().-]", "") -- nobody dials the (0) from abroad
    return is_number(bare) and bare or user
end

local function header_values(name)
    local values, at = {}, 0
    local value = KSR.pv.get("$(hdr(" .. name .. ")[0])")
    while value do
        values[#values + 1], at = tostring(value), at + 1
        value = KSR.pv.get("$(hdr(" .. name .. ")[" .. at .. "])")
    end
    return values
end

-- What is in quotes may look like anything.
local function without_quoted(text)
    return (text:gsub("\\.", ""):gsub('"[^"]*"', ""))
end

local function asserted_user()
    if setting("TRUST_ASSERTED_IDENTITY") ~= "1" then
        return ""
    end
    for _, value in ipairs(header_values("P-Asserted-Identity")) do
        for uri in without_quoted(value):gmatch("%a+:[^<>,%s]+") do
            if user_of(uri) ~= "" then
                return user_of(uri)
            end
        end
    end
    return ""
end

local function asks_for_privacy()
    for token in table.concat(header_values("Privacy"), ";"):lower():gmatch("[^%s,;]+") do
        if not NO_PRIVACY[token] then
            return true
        end
    end
    return false
end

-- What `privacy=` of Remote-Party-ID hides. Whether the header is believed or not: it can only hide.
local function hidden_by_party()
    local hidden = {}
    for _, value in ipairs(header_values("Remote-Party-ID")) do
        local text = value:lower()
        if not without_quoted(text):find(";%s*party%s*=%s*called") then
            for list in text:gmatch(";%s*privacy%s*=([^;>]*)") do
                for token in list:gmatch("%a+") do
                    hidden[token] = true
                end
            end
        end
    end
    return {
        number = hidden.full or hidden.uri or hidden.number or hidden.yes,
        name = hidden.name,
    }
end

local function is_anonymous(uri)
    return user_of(uri):lower() == "anonymous" or uri:lower():match("[@:]anonymous%.invalid%f[^%w.-]") ~= nil
end

-- Leaves the question as JSON in $var(question). When no number was called it stays empty, and the answer is there.
function dialhook_question()
    local called, from = user_of(KSR.pv.gete("$ru")), KSR.pv.gete("$fu")
    if not is_number(called) then
        return hand_over(called == "" and NO_ADDRESS or NO_NUMBER)
    end
    local asserted, hidden = asserted_user(), hidden_by_party()
    local is_private = hidden.number or asks_for_privacy() or is_anonymous(from)
    local webhook = setting("DIALHOOK_WEBHOOK")
    KSR.pv.sets("$var(question)", json.encode({
        webhook = webhook ~= "" and webhook or nil,
        did = called,
        callerid = dialhook.text(asserted ~= "" and asserted or user_of(from)),
        callername = hidden.name and "" or dialhook.text(plain_name(KSR.pv.gete("$fn"))),
        call_id = dialhook.text(KSR.pv.gete("$ci")),
        presentation = is_private and "prohibited" or "allowed",
    }))
end

-- From decision to SIP. What a web server or a caller wrote goes through one of these before it is in a message.

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

-- What the telephone that rings may show. Of a call that is private nothing leaves, the name of a web server neither: it
-- says who calls as well as the caller's own. Without a word on it in the decision the call stays as it came.
local function shown(decision, call)
    local callerid = type(decision.callerid) == "table" and decision.callerid or {}
    local is_known = callerid.presentation == "allowed" or callerid.presentation == "prohibited"
    if (is_known and callerid.presentation or call.presentation) == "prohibited" then
        return {presentation = "prohibited"}
    end
    local name, number = dialhook.text_of(decision.callername), dialhook.text_of(callerid.number)
    if call.presentation == "prohibited" and name == call.callername then
        name = nil -- `callerid: called` gives a private call a number to show, and no name
    end
    return {presentation = "allowed", callername = name and quoted(name), callerid = number and quoted(number)}
end

local function redirect(contact, decision, call)
    local outcome = shown(decision, call)
    outcome.code, outcome.contact, outcome.reason = 302, contact, dialhook.text_of(decision.reason)
    return outcome
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

local function to_number_at(host, call, reason)
    return redirect("sip:" .. user_part(call.did) .. "@" .. host, {reason = reason}, call)
end

-- What becomes of the call, when nothing says where to.
local function undecided(reason, call)
    local fallback = setting("FALLBACK_HOST")
    if NO_DECISION[reason] and fallback ~= "" then
        return to_number_at(fallback, call, reason)
    end
    return refusal(reason)
end

-- What becomes of the call, when Dialhook has decided.
local function decided(decision, call)
    local to_media = to_number_at(setting("MEDIA_HOST"), call)
    if decision.action == "collect" or decision.action == "run" then
        return to_media -- an IVR, or steps in front of the webhook: the media server asks again, by itself
    end
    if decision.action ~= "route" then
        return undecided("away", call)
    end
    local number = number_of(decision)
    if number == false then
        return to_media
    end
    if decision.branch == "failure" and not number then
        return undecided(dialhook.text_of(decision.reason) or "internal", call)
    end
    local contact = uri_of(number or call.did, setting("DESTINATION_HOST"))
    return contact and redirect(contact, decision, call) or refusal("destination")
end

local function outcome_of(call)
    client = client or dialhook.client(setting("DIALHOOK_SOCKET"))
    local decision, fault, code = client:ask("call.route", call, tonumber(setting("DIALHOOK_SECONDS")))
    if not decision then
        KSR.warn("dialhook: no decision: " .. fault .. (code and " " .. tostring(code) or "") .. "\n")
        return undecided(fault == "error" and (code == NO_DIALPLAN and "no_dialplan" or "internal") or "away", call)
    end
    return decided(decision, call)
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
    hand_over(undecided("overload", json.decode(KSR.pv.gete("$var(question)"))))
end
