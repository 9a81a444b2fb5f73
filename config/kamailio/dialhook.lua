-- Kamailio's side of Dialhook: makes a question of an INVITE, asks in an async worker, and makes SIP of the decision.
-- Loaded by kamailio.cfg (app_lua); needs dialhook_client.lua. docs/kamailio.md has the table of answers.

local dialhook = require "dialhook_client"
local json = require "cjson.safe"
local clock = require("socket").gettime

local client -- each Kamailio process keeps its own connection

-- Answers to failures; all other reasons get OTHERS.
local REFUSALS = {
    nak = {404, "Not Found"},
    no_dialplan = {404, "Not Found"},
    away = {503, "Service Unavailable"},
    overload = {503, "Service Unavailable"},
    shutdown = {503, "Service Unavailable"},
}
local OTHERS = {480, "Temporarily Unavailable"}

-- Reasons for which the call goes to FALLBACK_HOST, if there is one.
local NO_DECISION = {away = true, overload = true, shutdown = true}

-- Error codes of docs/engine-protocol.md, and what they mean for a call; others are a fault of the set-up.
local REASON_OF_ERROR = {[-32002] = "no_dialplan", [-32008] = "away"}

-- Share of DIALHOOK_SECONDS that a look-up must have left when a worker takes it. With less it would hardly get its answer, and
-- would keep later calls waiting: while a web server hangs, each dead look-up would cost another request.
local LEAST_SHARE = 0.25

-- Share of DIALHOOK_SECONDS that is enough for Dialhook to answer by itself. With less, a timeout is no sign that it is away.
local FULL_SHARE = 0.75

-- SIP answers to the causes of a hang-up (Q.850), the same as Asterisk's.
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

local MOST_TARGETS = 10 -- contacts of one redirect; Kamailio's max_branches is 12
local LONGEST_RING = 300 -- seconds that Dialhook lets a telephone ring at most
local LONGEST_VAR = 256 -- bytes of what is sent along; all of a question waits in one task
local MOST_VALUES = 8 -- headers of one name that are read; each index is a name that Kamailio keeps for ever

-- Only a number may be dialled: it goes into a Contact, and from there into the dialplans of other PBXes.
local LONGEST_NUMBER = 32
local NO_ADDRESS = {code = 484, text = "Address Incomplete"}
local NO_NUMBER = {code = 404, text = "Not Found"}

-- Words of a Privacy header that hide nothing (RFC 3323).
local NO_PRIVACY = {none = true, critical = true}

-- Returns a setting of kamailio.cfg, without the quotes of a text.
local function setting(name)
    return (KSR.pv.gete("$def(" .. name .. ")"):gsub('^"(.*)"$', "%1"))
end

local function without_controls(text)
    return (text:gsub("%c", ""))
end

-- Hands the answer to kamailio.cfg. Sets every variable, because they live as long as the process.
local function hand_over(outcome)
    KSR.pv.seti("$var(code)", outcome.code)
    for _, name in ipairs({"text", "callername", "callerid", "presentation", "reason"}) do
        KSR.pv.sets("$var(" .. name .. ")", without_controls(outcome[name] or ""))
    end
    KSR.pv.sets("$var(contacts)", table.concat(outcome.contacts or {}, " "))
    KSR.pv.sets("$var(ring)", outcome.ring or "")
end

-- Returns what an INVITE and its CANCEL have in common. Hashed, since a Call-ID may be longer than a task.
local function key_of_call()
    return KSR.pv.gete("$(ci{s.md5})") .. KSR.pv.gete("$(ft{s.md5})") .. KSR.pv.gete("$(sel(via[1].branch){s.md5})") .. KSR.pv.gete("$cs")
end

-- From INVITE to question, in a SIP worker

-- Returns a display name without the quotes and backslashes of SIP.
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

-- Returns the user of a SIP or tel URI without password, parameters (`;npdi;rn=…`, `;phone-context=…`) and escapes, and a
-- number without visual separators. Parameters go before escapes do: `100%3B` is no number.
local function user_of(uri)
    local scheme, rest = uri:match("^%s*(%a+):(.*)$")
    scheme = scheme and scheme:lower()
    local user = scheme == "tel" and rest or (scheme == "sip" or scheme == "sips") and rest:match("^([^@]*)@") or ""
    user = unescaped(user:match("^[^;:]*"))
    local bare = user:gsub("^(%+[%d.-]+)%(0%)", "%1"):gsub("[().-]", "") -- (0) is not dialled after +CC
    return is_number(bare) and bare or user
end

local function header_values(name)
    local values = {}
    for at = 1, MOST_VALUES do
        values[at] = KSR.pv.get("$(hdr(" .. name .. ")[" .. at - 1 .. "])")
    end
    return values
end

-- Removes quoted strings: a display name can look like a URI or a parameter.
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

-- Reads `privacy=` of Remote-Party-ID, also where nobody is trusted: it can only hide.
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

-- Returns what is sent along with the call, or nil. One wrong name would have the daemon refuse the whole question.
local function vars()
    local found
    for name in setting("DIALHOOK_VARS"):gmatch("[^%s,]+") do
        if #name <= 32 and name:match("^[a-z][a-z0-9_]*$") then
            local value = KSR.pv.gete("$avp(dialhook_" .. name .. ")")
            if value ~= "" then
                found = found or {}
                found[name] = dialhook.text(tostring(value):sub(1, LONGEST_VAR))
            end
        end
    end
    return found
end

-- Returns what an INVITE says of its call, as Dialhook takes it.
function dialhook_call_of_invite()
    local from, asserted, hidden = KSR.pv.gete("$fu"), asserted_user(), hidden_by_party()
    local is_private = hidden.number or asks_for_privacy() or is_anonymous(from) or asserted:lower() == "anonymous"
    return {
        did = dialhook.text(user_of(KSR.pv.gete("$ru"))),
        callerid = dialhook.text(asserted ~= "" and asserted or user_of(from)),
        callername = hidden.name and "" or dialhook.text(plain_name(KSR.pv.gete("$fn"))),
        call_id = dialhook.text(KSR.pv.gete("$ci")),
        presentation = is_private and "prohibited" or "allowed",
        vars = vars(),
    }
end

-- Puts the call and the time of its INVITE into $var(task) as JSON. If no number was called, leaves it empty and sets the answer.
function dialhook_question()
    local called = user_of(KSR.pv.gete("$ru"))
    if not is_number(called) then
        return hand_over(called == "" and NO_ADDRESS or NO_NUMBER)
    end
    local call, webhook = dialhook_call_of_invite(), setting("DIALHOOK_WEBHOOK")
    call.webhook = webhook ~= "" and webhook or nil
    KSR.pv.sets("$var(task)", json.encode({call = call, came = clock(), key = key_of_call()}))
end

-- Marks the call of a CANCEL, so that no worker asks for it any more.
function dialhook_cancelled()
    KSR.htable.sht_seti("cancelled", key_of_call(), 1)
end

-- From decision to SIP. Text of a web server or a caller goes through `quoted`, `user_part` or `uri_of` into a message.

local function quoted(text)
    return '"' .. without_controls(text):gsub('[\\"]', "\\%0") .. '"'
end

-- Percent-encodes all that is not surely harmless in the user of a SIP URI.
local function user_part(number)
    return (number:gsub("[^A-Za-z0-9+*_.-]", function(character)
        return ("%%%02X"):format(character:byte())
    end))
end

-- Returns the URI of a destination, or nil. Dialhook has checked it; it is checked again because it becomes a header.
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

-- Returns what the called telephone may show: nothing if the call is private. The name in a reply is hidden as well, since
-- it says who calls. A decision without a presentation leaves the call's own.
local function shown(decision, call)
    local callerid = type(decision.callerid) == "table" and decision.callerid or {}
    local is_known = callerid.presentation == "allowed" or callerid.presentation == "prohibited"
    if (is_known and callerid.presentation or call.presentation) == "prohibited" then
        return {presentation = "prohibited"}
    end
    local name, number = dialhook.text_of(decision.callername), dialhook.text_of(callerid.number)
    if name and call.presentation == "prohibited" and without_controls(call.callername):sub(1, #name) == name then
        name = nil -- `callerid: called` gives a private call another number; its own name (perhaps cut) stays hidden
    end
    return {presentation = "allowed", callername = name and quoted(name), callerid = number and quoted(number)}
end

-- Redirects to the contacts, each with its rank and "=" before it: those of one rank together, then the next ones while none answers.
-- `ring` has the seconds that each may ring.
local function redirect(contacts, decision, call, ring)
    local outcome = shown(decision, call)
    outcome.code, outcome.contacts, outcome.reason, outcome.ring = 302, contacts, dialhook.text_of(decision.reason), ring
    return outcome
end

local function to_number_at(host, call, reason)
    return redirect({"1=sip:" .. user_part(call.did) .. "@" .. host}, {reason = reason}, call)
end

-- Refuses the call with the code of the reason, or sends it to FALLBACK_HOST.
local function undecided(reason, call)
    local fallback = setting("FALLBACK_HOST")
    if NO_DECISION[reason] and fallback ~= "" then
        return to_number_at(fallback, call, reason)
    end
    return refusal(reason)
end

-- Returns name and value of a step, which is a word or an object with one key.
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

-- Returns the whole seconds of a ring time, or 0 for none.
local function seconds_of(ring)
    local is_one = type(ring) == "number" and ring % 1 == 0 and ring >= 1 and ring <= LONGEST_RING
    return is_one and ring or 0
end

-- Adds what a `dial` rings to the targets: all of one rank where they ring together, else each of a rank of its own. Returns false if
-- there are too many, or the value is no such thing.
local function add_targets(targets, value)
    local group = type(value) == "table" and value or {to = {value}}
    local rank = #targets == 0 and 0 or targets[#targets].rank
    for at, target in ipairs(type(group.to) == "table" and group.to or {}) do
        if not dialhook.text_of(target) or #targets == MOST_TARGETS then
            return false
        end
        rank = (at == 1 or group.strategy == "sequential") and rank + 1 or rank
        table.insert(targets, {address = target, rank = rank, ring = seconds_of(group.ring_s)})
    end
    return true
end

-- Returns the targets of the steps and the answer that ends them, or nil if they need the media server. So does a name that
-- changes after a `dial`, since a redirect has one name for all its contacts.
local function plan_of(steps)
    local plan = {targets = {}}
    for _, step in ipairs(type(steps) == "table" and steps or {}) do
        local name, value = name_and_value(step)
        local is_first = #plan.targets == 0
        if name == "hangup" then
            plan.hangup = is_first and hangup(value) or nil
            return plan
        elseif name == "dial" then
            if not add_targets(plan.targets, value) then
                return nil
            end
        elseif name ~= "callername" or not is_first then
            return nil
        end
    end
    return plan
end

local function contacts_of(targets)
    local contacts = {}
    for at, target in ipairs(targets) do
        local uri = uri_of(target.address, setting("DESTINATION_HOST"))
        if not uri then
            return nil
        end
        contacts[at] = target.rank .. "=" .. uri
    end
    return contacts
end

-- Returns how many seconds each of the targets may ring, in their order, or nil if nothing says so.
local function ring_of(targets)
    local seconds, is_said = {}, false
    for at, target in ipairs(targets) do
        seconds[at] = ("%d"):format(target.ring)
        is_said = is_said or target.ring > 0
    end
    return is_said and table.concat(seconds, ", ") or nil
end

local ACTIONS = {collect = true, run = true, route = true}

-- Makes the answer of Dialhook's decision.
local function decided(decision, call)
    if not ACTIONS[decision.action] then
        return undecided("away", call)
    end
    local plan = plan_of(decision.steps)
    if decision.action == "collect" or not plan or decision.action == "run" and not plan.hangup then
        return to_number_at(setting("MEDIA_HOST"), call) -- it asks again, by itself
    end
    if plan.hangup then
        return answer(plan.hangup, dialhook.text_of(decision.reason))
    end
    if #plan.targets == 0 and decision.branch == "failure" then
        return undecided(dialhook.text_of(decision.reason) or "internal", call)
    end
    if #plan.targets == 0 then
        local several = type(decision.destinations) == "table" and
            {to = decision.destinations, strategy = decision.strategy, ring_s = decision.ring_s}
        add_targets(plan.targets, several or dialhook.text_of(decision.destination) or call.did)
    end
    local contacts = contacts_of(plan.targets)
    return contacts and redirect(contacts, decision, call, ring_of(plan.targets)) or refusal("destination")
end

-- Asking, in an async worker

-- Returns true if the steps before a webhook only set the name, so that it can be asked at once.
local function is_done(decision)
    local plan = plan_of(decision.steps)
    return decision.action == "run" and plan and #plan.targets == 0 and not plan.hangup
end

-- Logs why a call has no decision, and answers it.
local function failed(call, reason, why)
    KSR.warn("dialhook: no decision: " .. why .. " (call " .. without_controls(call.call_id) .. ")\n")
    return undecided(reason, call)
end

-- Answers a call for which the client has no decision. `share` of DIALHOOK_SECONDS was left when it was asked.
local function unanswered(call, fault, detail, share)
    if fault == "error" then
        return failed(call, REASON_OF_ERROR[detail] or "internal", "error: " .. tostring(detail))
    end
    if fault == "timeout" and share < FULL_SHARE then
        return failed(call, "overload", "overload: the rest of its time, after it waited for one of DIALHOOK_WORKERS, was too short")
    end
    local why = detail and ": " .. tostring(detail) or ""
    local remedy = why:find("permission denied", 1, true) and "; is Kamailio in the group of the socket?" or ""
    return failed(call, "away", fault .. why .. remedy)
end

local function ask(call, left, is_wanted)
    client = client or dialhook.client(setting("DIALHOOK_SOCKET"))
    local decision, fault, detail = client:ask("call.route", call, left(), is_wanted)
    if decision and is_done(decision) then
        return client:ask("call.continue", {state = decision.state}, left(), is_wanted)
    end
    return decision, fault, detail
end

-- Returns the outcome, or nil if the caller has given up.
local function outcome_of(task)
    local call, seconds = task.call, tonumber(setting("DIALHOOK_SECONDS"))
    local function left()
        return math.min(task.came + seconds - clock(), seconds) -- clocks are turned back, too
    end
    local function is_wanted()
        return KSR.htable.sht_get("cancelled", task.key) == nil
    end
    if not is_wanted() then
        return nil
    end
    local share = left() / seconds
    if share < LEAST_SHARE then
        return failed(call, "overload", "overload: the look-up waited too long for one of DIALHOOK_WORKERS")
    end
    local decision, fault, detail = ask(call, left, is_wanted)
    if not is_wanted() then
        return nil
    end
    return decision and decided(decision, call) or unanswered(call, fault, detail, share)
end

-- Asks Dialhook and sets the answer, or code 0 for none. Blocks the async worker, and it alone.
function dialhook_ask(data)
    local index, label, task = data:match("^(%d+) (%d+) (.*)$")
    local fine, outcome = pcall(outcome_of, json.decode(task))
    if not fine then
        KSR.err("dialhook: " .. tostring(outcome) .. "\n")
        outcome = refusal("internal")
    end
    KSR.pv.seti("$var(index)", tonumber(index))
    KSR.pv.seti("$var(label)", tonumber(label))
    hand_over(outcome or {code = 0})
end

-- Sets the answer when the queue of look-ups is full. Runs in a SIP worker.
function dialhook_overload()
    local call = json.decode(KSR.pv.gete("$var(task)")).call
    hand_over(failed(call, "overload", "overload: too many look-ups wait for one of DIALHOOK_WORKERS"))
end

-- Makes the Contact of a redirect; several addresses get q-values, which put them in order (RFC 3261, 8.1.3.4).
function dialhook_contacts()
    local contacts = {}
    for rank, contact in KSR.pv.gete("$var(contacts)"):gmatch("(%d+)=(%S+)") do
        contacts[#contacts + 1] = {uri = contact, rank = tonumber(rank)}
    end
    for _, contact in ipairs(contacts) do
        KSR.corex.append_branch_uri_q(contact.uri, #contacts > 1 and ("%.1f"):format(1.1 - contact.rank / 10) or "")
    end
end
