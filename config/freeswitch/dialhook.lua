-- FreeSWITCH asks Dialhook where a call goes (mod_lua). docs/freeswitch.md explains it; needs dialhook_client.lua beside it.
--
--   <action application="lua" data="dialhook.lua webhook crm"/>    asks one webhook; the dialplan does the rest
--   <action application="lua" data="dialhook.lua dialplan"/>       follows the number's dialplan in dialhook.yaml
--
-- Sets dialhook_branch (success, failure; away when there was no decision; none in a dialplan without a webhook),
-- dialhook_status, dialhook_reason, dialhook_destination, dialhook_destinations (a dial string, where there are several or a ring time),
-- dialhook_callername, dialhook_var_KEY, and the caller's name, number and privacy for the legs that follow.

-- Stands until there is a decision, whatever fails: first of all, even before the client is looked for.
session:setVariable("dialhook_branch", "away")

-- Each may be set as a channel variable or in vars.xml, such as dialhook_socket.
local SETTINGS = {
    dialhook_socket = "/run/dialhook/dialhook.sock",
    -- Seconds for one question: more than the longest `timeout` of the webhooks, since Dialhook itself answers by then.
    dialhook_seconds = "6",
    -- Names of what is sent along, with spaces between them, each a channel variable dialhook_send_NAME; see `vars` of dialhook.yaml.
    dialhook_vars = "",
    -- How steps are done; %s is the value. Others for dial: user/%s, loopback/%s/default.
    dialhook_dial = "sofia/gateway/trunk/%s",
    dialhook_dial_sip = "sofia/external/%s",
    dialhook_queue = "%s@default",
    dialhook_voicemail = "default ${domain_name} %s",
}

local NO_NAME = "_undef_" -- for FreeSWITCH: no name in the header; without it the next leg would get the caller's own
local LONGEST_EXACT = 2 ^ 53 -- a JSON number beyond it has lost digits
local LONGEST_RING = 300 -- seconds that Dialhook lets a telephone ring at most
local DRAINING_MS = 40 -- for reading the packets that came while the script did something else

-- What other PBXes call some causes of a hang-up.
local CAUSES = {BUSY = "USER_BUSY", CONGESTION = "NORMAL_CIRCUIT_CONGESTION", NOANSWER = "NO_ANSWER", FAILURE = "NETWORK_OUT_OF_ORDER",
    UNALLOCATED = "UNALLOCATED_NUMBER", UNREGISTERED = "SUBSCRIBER_ABSENT"}

local HIDING = {full = true, uri = true, number = true, yes = true} -- `privacy=` of Remote-Party-ID
local NO_PRIVACY = {none = true, critical = true} -- tokens of a Privacy header that hide nothing

local dialhook -- the client

-- Returns a variable of the channel, or nil when it is not set or empty.
local function variable(name)
    local value = session:getVariable(name)
    return value and value ~= "" and value or nil
end

local function setting(name)
    return variable(name) or SETTINGS[name]
end

-- Writes one line, with the call's uuid.
local function log(level, text)
    freeswitch.consoleLog(level, ("dialhook: %s: %s\n"):format(variable("uuid") or "?", (text:gsub("%c+", " "))))
end

-- FreeSWITCH expands ${...} in what applications are given, and runs commands that stand in it: no text of a web server or
-- a caller may hold one. A $ at an end could meet the { of another text.
local function harmless(text)
    return (text:gsub("%c", ""):gsub("%$+{", "{"):gsub("%$+$", ""))
end

local function escaped(character)
    return ("%%%02x"):format(character:byte())
end

-- Returns a name as the next leg of mod_sofia has to get it. It ends a name at @, drops what comes before / and :, decodes %XX
-- (also into line ends) and makes no use of quotes and backslashes.
local function name_for_a_leg(text)
    return (harmless(text):gsub('"', "'"):gsub("\\", ""):gsub("[%%/:@]", escaped))
end

-- Returns a number as it may stand in the address of a header: mod_sofia decodes it for one header and takes it as it stands for the next.
local function number_for_a_leg(text)
    return (harmless(text):gsub("[^0-9A-Za-z+*._-]", escaped))
end

-- Returns a scalar of JSON as text, or nil. Some Luas would write 17 as 17.0.
local function plain(value)
    if type(value) == "number" then
        local is_whole = value % 1 == 0 and value > -LONGEST_EXACT and value < LONGEST_EXACT
        return (is_whole and "%d" or "%.14g"):format(value)
    end
    return (type(value) == "string" or type(value) == "boolean") and tostring(value) or nil
end

-- The call as Dialhook wants it

local function text_variable(name)
    return dialhook.text(variable(name) or "")
end

-- Returns the caller's name, or nil: without one FreeSWITCH puts the number or "unknown" in its place.
local function own_name()
    local name = text_variable("caller_id_name")
    local is_made_up = name == text_variable("caller_id_number") or name == text_variable("sip_from_user") or
        (name == "unknown" and not variable("sip_from_display"))
    local is_hidden = variable("privacy_hide_name") == "true" and variable("privacy_hide_number") ~= "true"
    return (is_made_up or is_hidden) and "" or name
end

local function asks_for_privacy()
    for token in (variable("sip_Privacy") or ""):lower():gsub("^privacy:", ""):gmatch("[^%s,;]+") do
        if not NO_PRIVACY[token] then
            return true
        end
    end
    local party = (variable("sip_Remote-Party-ID") or ""):lower():gsub("\\.", ""):gsub('"[^"]*"', "")
    return HIDING[party:match(";%s*privacy%s*=%s*(%a+)")] or false
end

local function is_anonymous()
    local host = (variable("sip_from_host") or ""):lower()
    return host == "anonymous.invalid" or (variable("sip_from_user") or ""):lower() == "anonymous" or
        (variable("caller_id_number") or ""):lower() == "anonymous"
end

-- Returns whether the call came in as private. What a first question made of it does not count for the second.
local function is_private()
    if not variable("dialhook_came_in") then
        local hides = variable("privacy_hide_number") == "true" or asks_for_privacy() or is_anonymous()
        session:setVariable("dialhook_came_in", hides and "prohibited" or "allowed")
    end
    return variable("dialhook_came_in") == "prohibited"
end

-- Returns what is sent along with the call, or nil. One wrong name would have the daemon refuse the whole question.
local function vars()
    local found
    for name in setting("dialhook_vars"):gmatch("[^%s,]+") do
        local value = variable("dialhook_send_" .. name)
        if value and #name <= 32 and name:match("^[a-z][a-z0-9_]*$") then
            found = found or {}
            found[name] = dialhook.var_text(value)
        end
    end
    return found
end

local function question(webhook)
    return {
        webhook = webhook,
        did = text_variable("destination_number"),
        callerid = text_variable("caller_id_number"),
        callername = own_name(),
        call_id = text_variable("uuid"),
        presentation = is_private() and "prohibited" or "allowed",
        vars = vars(),
    }
end

-- What the next legs see of the caller

local is_hidden = false
local private_name = nil -- of a private caller in whose place another number is shown
local shown_name = nil

local function show_name(name)
    if not is_hidden then
        shown_name = name ~= "" and name ~= private_name and name or nil
        session:setVariable("effective_caller_id_name", shown_name and name_for_a_leg(shown_name) or NO_NAME)
    end
end

-- Runs an application that makes no leg: it takes the name as it stands, and _undef_ for one.
local function with_plain_name(application, arguments)
    local for_a_leg = variable("effective_caller_id_name")
    if for_a_leg and not is_hidden then
        session:setVariable("effective_caller_id_name", harmless(shown_name or variable("effective_caller_id_number") or ""))
    end
    session:execute(application, arguments)
    session:setVariable("effective_caller_id_name", for_a_leg or "")
end

local function hide_caller()
    is_hidden = true
    session:setVariable("effective_caller_id_name", "Anonymous")
    session:setVariable("effective_caller_id_number", "anonymous")
    session:setVariable("sip_copy_custom_headers", "false") -- P-Charge-Info, Identity and X-headers of the caller's INVITE
    session:execute("privacy", "full")
end

-- Takes back what was set for the next legs, so that a later answer starts afresh.
local function forget_caller()
    is_hidden = false
    for _, name in ipairs({"effective_caller_id_name", "effective_caller_id_number", "sip_copy_custom_headers"}) do
        session:setVariable(name, "")
    end
end

-- What the call came in with (RPID's privacy=name, screen=no) stays, unless the decision is another one.
local function forward_caller(answer)
    local callerid = type(answer.callerid) == "table" and answer.callerid or {}
    local is_known = callerid.presentation == "prohibited" or callerid.presentation == "allowed"
    if callerid.presentation == "prohibited" or (not is_known and is_private()) then
        return hide_caller()
    end
    if is_hidden then
        forget_caller()
    end
    if is_private() then
        session:execute("privacy", "no")
        private_name = own_name()
    end
    local number = dialhook.text_of(callerid.number)
    if number then
        session:setVariable("effective_caller_id_number", number_for_a_leg(number))
    end
    if is_known then
        show_name(dialhook.text_of(answer.callername))
    end
end

-- Steps. One that connects the call returns true: the steps after it are not run.

-- Returns a setting with the value in the place of its %s.
local function filled(name, value)
    return (setting(name):gsub("%%s", (value:gsub("%%", "%%%%"))))
end

-- Ends a call whose talk is over, but not one that was transferred meanwhile: it belongs to another dialplan now.
local function end_of_talk()
    if session:ready() then
        session:hangup()
    end
    return true
end

local function needs(value, step)
    if not value then
        log("err", ("the step %s was left out: its value is of a kind that this script does not know"):format(step))
    end
    return value
end

local function play(value)
    local file = needs(plain(value), "play")
    if file then
        session:answer()
        if session:streamFile(file) ~= 1 and session:ready() then
            log("warning", "cannot play " .. file .. ": is the file there?")
        end
    end
end

-- Returns the dial string of one destination, or nil. Dialhook lets no other destination through; it is looked at again here, because this
-- one becomes a dial string.
local function dial_string(value)
    local destination = plain(value) or ""
    local is_uri = destination:match("^sips?:[0-9A-Za-z._+~*#-]+@[0-9A-Za-z.:%[%]-]+$")
    if not is_uri and not destination:match("^%+?[0-9*#]+$") then
        return nil
    end
    return filled(is_uri and "dialhook_dial_sip" or "dialhook_dial", destination)
end

-- Returns the whole seconds of a ring time, or nil.
local function seconds_of(ring)
    local is_one = type(ring) == "number" and ring % 1 == 0 and ring >= 1 and ring <= LONGEST_RING
    return is_one and plain(ring) or nil
end

-- Returns the dial string of several destinations: `,` between those that ring together, `|` between those that ring in turn. What a setting
-- has in braces counts for all of them and stands at the front alone; each leg has a ring time of its own.
local function dial_string_of(group)
    local strings, globals = {}, ""
    for at, target in ipairs(type(group.to) == "table" and group.to or {}) do
        local leg = dial_string(target)
        if not leg then
            return nil
        end
        local braces = leg:match("^%b{}") or ""
        leg = leg:sub(#braces + 1)
        globals = at == 1 and braces or globals
        local seconds = seconds_of(group.ring_s)
        if seconds then
            leg = leg:match("^%[") and "[leg_timeout=" .. seconds .. "," .. leg:sub(2) or "[leg_timeout=" .. seconds .. "]" .. leg
        end
        strings[at] = leg
    end
    return #strings > 0 and globals .. table.concat(strings, group.strategy == "sequential" and "|" or ",") or nil
end

local function dial(value)
    local is_group = type(value) == "table"
    local legs = is_group and dial_string_of(value) or not is_group and dial_string(value)
    if not legs then
        return log("err", "the step dial was left out: no destination that can be dialled")
    end
    session:setVariable("continue_on_fail", "true")
    session:setVariable("originate_disposition", "")
    if is_group then -- an announcement of one leg would be taken for an answer, and the others given up
        session:setVariable("ignore_early_media", "ring_ready")
    end
    session:execute("bridge", legs)
    if is_group then
        session:setVariable("ignore_early_media", "")
    end
    return variable("originate_disposition") == "SUCCESS" and end_of_talk()
end

local function queue(value)
    local name = needs(plain(value), "queue")
    if name then
        session:setVariable("cc_cause", "")
        session:execute("callcenter", filled("dialhook_queue", name))
        return variable("cc_cause") == "answered" and end_of_talk()
    end
end

local function voicemail(value)
    local box = needs(plain(value), "voicemail")
    if box then
        session:answer()
        with_plain_name("voicemail", filled("dialhook_voicemail", box))
    end
end

-- Returns the arguments of an application as one text, or nil. YAML's null is an empty one.
local function joined(arguments)
    if type(arguments) ~= "table" then
        return plain(arguments) or ""
    end
    local words = {}
    for at, argument in pairs(arguments) do
        if type(at) ~= "number" or type(argument) == "table" then
            return nil
        end
        words[at] = plain(argument) or ""
    end
    return table.concat(words, " ")
end

local function exec(value)
    local application = type(value) == "table" and dialhook.text_of(value.app)
    local arguments = application and joined(value.args)
    if needs(arguments, "exec") then
        session:execute(application, arguments)
    end
end

-- Returns the name or number of a cause as FreeSWITCH knows it, or nil.
local function cause_of(value)
    local cause = type(value) ~= "boolean" and (plain(value) or ""):upper() or ""
    local number = tonumber(cause)
    if number then
        return number % 1 == 0 and number >= 1 and number <= 127 and plain(number) or nil
    end
    return CAUSES[cause] or cause:match("^[A-Z][A-Z0-9_]+$")
end

local function hang_up(value)
    local cause = cause_of(value)
    if cause then
        session:setVariable("sip_ignore_remote_cause", "true") -- else the answer of the last `dial` goes before this cause
    end
    session:hangup(cause or "NORMAL_CLEARING")
    return true
end

local STEPS = {
    play = play,
    dial = dial,
    queue = queue,
    voicemail = voicemail,
    hangup = hang_up,
    answer = function()
        session:answer()
    end,
    callername = function(value)
        local name = needs(plain(value), "callername")
        if name then
            show_name(name)
        end
    end,
    exec = exec,
}

local function run_step(name, value)
    local does_it = STEPS[name]
    if not does_it then
        return log("err", "there is no step called " .. tostring(name))
    end
    local fine, outcome = pcall(does_it, value)
    if not fine then
        return log("err", ("the step %s failed: %s"):format(name, tostring(outcome)))
    end
    return outcome
end

-- Runs steps in order, each a word or an object of one key. Returns whether the call goes on.
local function run(steps)
    for _, step in ipairs(type(steps) == "table" and steps or {}) do
        local name, value = step, nil
        if type(step) == "table" then
            name, value = next(step)
        end
        if not session:ready() or run_step(name, value) then
            return false
        end
    end
    return session:ready()
end

-- Codes from the caller

-- Drops the keys that were pressed while nothing was collected. Those in packets that nobody has read yet count as well; reading them
-- never stands in the way of the call.
local function drop_keys()
    pcall(session.sleep, session, DRAINING_MS, 1)
    session:flushDigits()
end

-- Returns the keys that were pressed while `message` plays and after it, and whether the terminator was.
local function read_code(answer, message)
    session:setVariable("read_terminator_used", "")
    local code = session:read(1, answer.max_digits, message, answer.timeout_ms, answer.terminator, answer.timeout_ms)
    if code == "" and not variable("read_result") and session:ready() and message ~= "silence" then
        log("warning", "cannot play " .. message .. ": is the file there? The caller is listened to without it")
        return read_code(answer, "silence")
    end
    return code, variable("read_terminator_used") ~= nil
end

local last_was_longest = false

-- Plays the message and returns what call.continue has to say.
local function collect(answer)
    session:answer()
    session:setVariable("sensitive_dtmf", "true") -- a code is a secret: not in FreeSWITCH's log either
    drop_keys()
    local code, ended = read_code(answer, answer.play)
    if last_was_longest and code == "" and ended then
        -- A longest code needs no terminator; this one was pressed after it all the same, and is no empty code.
        code, ended = read_code(answer, answer.play)
    end
    last_was_longest = #code == answer.max_digits
    if code == "" and not ended then
        return {state = answer.state, timeout = true}
    end
    return {state = answer.state, code = code}
end

-- The decision

local function set(name, value)
    session:setVariable("dialhook_" .. name, harmless(dialhook.text_of(value) or ""))
end

-- Takes back what an earlier question on this channel has set: it says nothing about this one.
local function forget()
    for _, name in ipairs({"status", "reason", "destination", "destinations", "callername"}) do
        set(name, "")
    end
    for name in (variable("dialhook_keys") or ""):gmatch("%S+") do
        set("var_" .. name, "")
    end
    set("keys", "")
    if variable("dialhook_asked") then
        forget_caller()
        if not is_private() and variable("privacy_hide_number") == "true" then
            session:execute("privacy", "no")
        end
    end
    set("asked", "true")
end

local function carry_out(decision)
    set("status", decision.status)
    set("reason", decision.reason)
    set("destination", decision.destination)
    local several = type(decision.destinations) == "table" and
        dial_string_of({to = decision.destinations, strategy = decision.strategy, ring_s = decision.ring_s})
    if several then -- not made harmless: what has to be expanded in it is the administrator's
        session:setVariable("dialhook_destinations", several)
    end
    set("callername", decision.callername)
    local keys = {}
    for key, value in pairs(type(decision.variables) == "table" and decision.variables or {}) do
        keys[#keys + 1] = key:gsub("[^0-9A-Za-z_]", "_")
        set("var_" .. keys[#keys], value)
    end
    set("keys", table.concat(keys, " "))
    forward_caller(decision)
    set("branch", dialhook.text_of(decision.branch) or "none")
    if dialhook.text_of(decision.play) then
        play(decision.play)
    end
    run(decision.steps)
end

local function is_wanted()
    return session:ready()
end

local function converse(client, webhook)
    local method, params = "call.route", question(webhook)
    while params and session:ready() do
        local answer, fault, detail = client:ask(method, params, tonumber(setting("dialhook_seconds")) or 6, is_wanted)
        if not answer then
            set("reason", fault)
            local why = plain(detail)
            return log(fault == "unwanted" and "info" or "warning", "no decision: " .. fault .. (why and ", " .. why or ""))
        end
        method = "call.continue"
        if answer.action == "collect" then
            params = collect(answer)
        elseif answer.action == "run" then
            forward_caller(answer)
            params = run(answer.steps) and {state = answer.state} or nil
        elseif answer.action == "route" then
            return carry_out(answer)
        else
            return log("err", "an answer that this script does not know")
        end
    end
end

local function webhook_of(arguments)
    if arguments[1] == "webhook" and arguments[2] then
        return table.concat(arguments, " ", 2) -- a name may hold spaces
    end
    assert(arguments[1] == "dialplan", "the arguments are `webhook NAME` or `dialplan`")
    return nil
end

-- Loads the client from the folder of this script.
local function load_client()
    local folder = freeswitch.getGlobalVariable("script_dir")
    if folder and folder ~= "" then
        package.path = folder .. "/?.lua;" .. package.path
    end
    return require("dialhook_client")
end

local function main()
    local found, client_or_fault = pcall(load_client)
    if not found then
        session:setVariable("dialhook_reason", "away")
        return log("err", ("no client for mod_lua's %s: %s"):format(_VERSION, tostring(client_or_fault)))
    end
    dialhook = client_or_fault
    forget()
    local client = dialhook.client(setting("dialhook_socket"))
    local fine, fault = pcall(function()
        converse(client, webhook_of(argv))
    end)
    client:close()
    if not fine then
        log("err", tostring(fault))
    end
end

local fine, fault = pcall(main)
if not fine then
    log("err", tostring(fault))
end
