-- Kamailio's side of Dialhook: makes a question of an INVITE, asks in an async worker, and makes SIP of the decision.
-- Loaded by kamailio.cfg (app_lua); needs dialhook_client.lua. docs/kamailio.md has the table of answers.

local dialhook = require "dialhook_client"
local json = require "cjson.safe"
local clock = require("socket").gettime

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

-- A look-up that waited for a worker until less than this share of DIALHOOK_SECONDS was left is not asked any more: it would
-- hardly get its answer, and keep those behind it waiting.
local LEAST_SHARE = 0.25

local CANCELLED = {code = 487, text = "Request Terminated"} -- the caller has had his answer, and gets no other

-- What a telephone network calls the reason of a hang-up (Q.850), and the answer that Asterisk gives for it.
local HANGUPS = {
    [1] = {404, "Not Found"},
    [2] = {404, "Not Found"},
    [3] = {404, "Not Found"},
    [17] = {486, "Busy Here"},
    [18] = {408, "Request Timeout"},
    [19] = {480, "Temporarily Unavailable"},
    [20] = {480, "Temporarily Unavailable"},
    [21] = {403, "Forbidden"},
    [22] = {410, "Gone"},
    [27] = {502, "Bad Gateway"},
    [28] = {484, "Address Incomplete"},
    [29] = {501, "Not Implemented"},
    [31] = {480, "Temporarily Unavailable"},
    [34] = {503, "Service Unavailable"},
    [38] = {500, "Server Internal Error"},
    [42] = {503, "Service Unavailable"},
    [58] = {488, "Not Acceptable Here"},
    [66] = {503, "Service Unavailable"},
    [127] = {500, "Server Internal Error"},
}
local DECLINE = {603, "Decline"} -- any other cause, and none
local CAUSES = {
    UNALLOCATED = 1, UNALLOCATED_NUMBER = 1, NO_ROUTE_TRANSIT_NET = 2, NO_ROUTE_DESTINATION = 3, BUSY = 17, USER_BUSY = 17,
    NO_USER_RESPONSE = 18, NOANSWER = 19, NO_ANSWER = 19, UNREGISTERED = 20, SUBSCRIBER_ABSENT = 20, CALL_REJECTED = 21,
    NUMBER_CHANGED = 22, DESTINATION_OUT_OF_ORDER = 27, INVALID_NUMBER_FORMAT = 28, FACILITY_REJECTED = 29,
    NORMAL_UNSPECIFIED = 31, CONGESTION = 34, NORMAL_CIRCUIT_CONGESTION = 34, FAILURE = 38, NETWORK_OUT_OF_ORDER = 38,
    SWITCH_CONGESTION = 42, BEARERCAPABILITY_NOTAVAIL = 58, CHAN_NOT_IMPLEMENTED = 66, INTERWORKING = 127,
}

-- So many contacts a redirect may have (Kamailio's max_branches), and how often a header is looked for.
local MOST_TARGETS, MOST_VALUES = 10, 8

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
    for _, name in ipairs({"text", "callername", "callerid", "presentation", "reason"}) do
        KSR.pv.sets("$var(" .. name .. ")", without_controls(outcome[name] or ""))
    end
    KSR.pv.sets("$var(contacts)", table.concat(outcome.contacts or {}, " "))
end

-- A call by what its INVITE and its CANCEL have in common.
local function key_of_call()
    return table.concat({KSR.pv.gete("$ci"), KSR.pv.gete("$ft"), KSR.pv.gete("$cs"), KSR.pv.gete("$sel(via[1].branch)")}, " ")
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
    local values = {}
    for at = 1, MOST_VALUES do
        values[at] = KSR.pv.get("$(hdr(" .. name .. ")[" .. at - 1 .. "])")
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
    for token in KSR.pv.gete("$(hdr(Privacy)[*])"):lower():gmatch("[^%s,;]+") do
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

-- Leaves the call as JSON in $var(task), and when it came: it may wait for a worker. When no number was called the task stays
-- empty, and the answer is there.
function dialhook_question()
    local called, from = user_of(KSR.pv.gete("$ru")), KSR.pv.gete("$fu")
    if not is_number(called) then
        return hand_over(called == "" and NO_ADDRESS or NO_NUMBER)
    end
    local asserted, hidden = asserted_user(), hidden_by_party()
    local is_private = hidden.number or asks_for_privacy() or is_anonymous(from)
    local webhook = setting("DIALHOOK_WEBHOOK")
    local call = {
        webhook = webhook ~= "" and webhook or nil,
        did = called,
        callerid = dialhook.text(asserted ~= "" and asserted or user_of(from)),
        callername = hidden.name and "" or dialhook.text(plain_name(KSR.pv.gete("$fn"))),
        call_id = dialhook.text(KSR.pv.gete("$ci")),
        presentation = is_private and "prohibited" or "allowed",
    }
    KSR.pv.sets("$var(task)", json.encode({call = call, came = clock(), key = key_of_call()}))
end

-- A CANCEL came: the look-up, if it still waits for a worker, has become needless.
function dialhook_cancelled()
    KSR.htable.sht_seti("cancelled", key_of_call(), 1)
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

local function answer(answers, reason)
    return {code = answers[1], text = answers[2], reason = reason}
end

local function refusal(reason)
    return answer(REFUSALS[reason] or OTHERS, reason)
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

-- To each contact, one after the other while none answers.
local function redirect(contacts, decision, call)
    local outcome = shown(decision, call)
    outcome.code, outcome.contacts, outcome.reason = 302, contacts, dialhook.text_of(decision.reason)
    return outcome
end

local function to_number_at(host, call, reason)
    return redirect({"sip:" .. user_part(call.did) .. "@" .. host}, {reason = reason}, call)
end

-- What becomes of the call, when nothing says where to.
local function undecided(reason, call)
    local fallback = setting("FALLBACK_HOST")
    if NO_DECISION[reason] and fallback ~= "" then
        return to_number_at(fallback, call, reason)
    end
    return refusal(reason)
end

-- A step is a word, or an object of one key.
local function name_and_value(step)
    if type(step) == "table" then
        return next(step)
    end
    return step
end

local function hangup(cause)
    local name = type(cause) == "string" and cause:upper():gsub("^AST_CAUSE_", "") or nil
    return HANGUPS[CAUSES[name] or tonumber(cause)] or DECLINE
end

-- What steps come to without a voice: where they dial, how they end the call, or nil when they need the media server. A name that
-- is changed after a telephone rang does: an answer has one name for all its contacts.
local function plan_of(steps)
    local plan = {targets = {}}
    for _, step in ipairs(type(steps) == "table" and steps or {}) do
        local name, value = name_and_value(step)
        local is_first = #plan.targets == 0
        if name == "hangup" then
            plan.hangup = is_first and hangup(value) or nil
            return plan
        elseif name == "dial" and dialhook.text_of(value) and #plan.targets < MOST_TARGETS then
            table.insert(plan.targets, value)
        elseif name ~= "callername" or not is_first then
            return nil
        end
    end
    return plan
end

local function contacts_of(targets)
    local contacts = {}
    for at, target in ipairs(targets) do
        contacts[at] = uri_of(target, setting("DESTINATION_HOST"))
        if not contacts[at] then
            return nil
        end
    end
    return contacts
end

-- What becomes of the call, when Dialhook has decided.
local function decided(decision, call)
    local plan = plan_of(decision.steps)
    if decision.action == "collect" or not plan or decision.action == "run" and not plan.hangup then
        return to_number_at(setting("MEDIA_HOST"), call) -- it asks again, by itself
    end
    if decision.action ~= "route" and decision.action ~= "run" then
        return undecided("away", call)
    end
    if plan.hangup then
        return answer(plan.hangup, dialhook.text_of(decision.reason))
    end
    if #plan.targets == 0 and decision.branch == "failure" then
        return undecided(dialhook.text_of(decision.reason) or "internal", call)
    end
    if #plan.targets == 0 then
        plan.targets = {dialhook.text_of(decision.destination) or call.did}
    end
    local contacts = contacts_of(plan.targets)
    return contacts and redirect(contacts, decision, call) or refusal("destination")
end

-- Asking, in an async worker

local function reason_of(fault, code)
    if fault ~= "error" then
        return "away"
    end
    return code == NO_DIALPLAN and "no_dialplan" or "internal"
end

-- Steps in front of a webhook that only set the name are done as soon as they are read: it is fired.
local function is_done(decision)
    local plan = plan_of(decision.steps)
    return decision.action == "run" and plan and #plan.targets == 0 and not plan.hangup
end

local function outcome_of(task)
    local call, seconds = task.call, tonumber(setting("DIALHOOK_SECONDS"))
    local function left()
        return math.min(task.came + seconds - clock(), seconds) -- clocks are turned back, too
    end
    if KSR.htable.sht_get("cancelled", task.key) then
        return CANCELLED
    end
    if left() < seconds * LEAST_SHARE then
        KSR.warn("dialhook: no decision: overload: the look-up waited too long for one of DIALHOOK_WORKERS\n")
        return undecided("overload", call)
    end
    client = client or dialhook.client(setting("DIALHOOK_SOCKET"))
    local decision, fault, detail = client:ask("call.route", call, left())
    if decision and is_done(decision) then
        decision, fault, detail = client:ask("call.continue", {state = decision.state}, left())
    end
    if not decision then
        local why = detail and ": " .. tostring(detail) or ""
        local remedy = why:find("permission denied", 1, true) and "; is Kamailio in the group of the socket?" or ""
        KSR.warn("dialhook: no decision: " .. fault .. why .. remedy .. "\n")
        return undecided(reason_of(fault, detail), call)
    end
    return decided(decision, call)
end

-- Blocks the async worker, and it alone, until the decision is there.
function dialhook_ask(data)
    local index, label, task = data:match("^(%d+) (%d+) (.*)$")
    local fine, outcome = pcall(outcome_of, json.decode(task))
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
    KSR.warn("dialhook: no decision: overload: too many look-ups wait for one of DIALHOOK_WORKERS\n")
    hand_over(undecided("overload", json.decode(KSR.pv.gete("$var(task)")).call))
end

-- Makes the Contact of a redirect: one address, or several with what puts them in order.
function dialhook_contacts()
    local contacts = {}
    for contact in KSR.pv.gete("$var(contacts)"):gmatch("%S+") do
        contacts[#contacts + 1] = contact
    end
    for at, contact in ipairs(contacts) do
        KSR.corex.append_branch_uri_q(contact, #contacts > 1 and ("%.1f"):format(1.1 - at / 10) or "")
    end
end
