-- FreeSWITCH asks Dialhook where a call goes (mod_lua). docs/freeswitch.md explains it; needs dialhook_client.lua.
--
--   <action application="lua" data="dialhook.lua webhook crm"/>    fires one webhook; the dialplan does the rest
--   <action application="lua" data="dialhook.lua dialplan"/>       follows the number's dialplan in dialhook.yaml
--
-- Sets dialhook_branch (success, failure; away when there was no decision; none in a dialplan without a webhook),
-- dialhook_status, dialhook_reason, dialhook_destination, dialhook_callername, dialhook_var_KEY, and the caller's name,
-- number and privacy for the legs that follow.

local dialhook = require "dialhook_client"

-- Each may be set as a channel variable or in vars.xml, such as dialhook_socket.
local SETTINGS = {
    dialhook_socket = "/run/dialhook/dialhook.sock",
    -- Seconds for one question: more than the longest `timeout` of the webhooks, since Dialhook itself answers by then.
    dialhook_seconds = "6",
    -- How steps are done; %s is the value. Others for dial: user/%s, loopback/%s/default.
    dialhook_dial = "sofia/gateway/trunk/%s",
    dialhook_dial_sip = "sofia/external/%s",
    dialhook_queue = "%s@default",
    dialhook_voicemail = "default ${domain_name} %s",
}

local NO_NAME = "_undef_" -- for FreeSWITCH: no name in the header; without it the next leg would get the caller's own

local function setting(name)
    local value = session:getVariable(name)
    return value and value ~= "" and value or SETTINGS[name]
end

local function log(level, text)
    freeswitch.consoleLog(level, "dialhook: " .. text .. "\n")
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

-- The call as Dialhook wants it

local function own_name()
    return dialhook.text(session:getVariable("caller_id_name") or "")
end

local function is_private()
    return session:getVariable("privacy_hide_number") == "true"
end

local function question(webhook)
    local function variable(name)
        return dialhook.text(session:getVariable(name) or "")
    end
    return {
        webhook = webhook,
        did = variable("destination_number"),
        callerid = variable("caller_id_number"),
        callername = own_name(),
        call_id = variable("uuid"),
        presentation = is_private() and "prohibited" or "allowed",
    }
end

-- Steps

-- A setting with the value in the place of its %s.
local function filled(name, value)
    return (setting(name):gsub("%%s", (value:gsub("%%", "%%%%"))))
end

-- The value of a step as text; some Luas would write 17 as 17.0.
local function plain(value)
    return type(value) == "number" and ("%d"):format(value) or tostring(value)
end

local function play(file)
    session:answer()
    session:streamFile(file)
end

local is_hidden = false -- the next legs are not to see who calls
local private_name = nil -- of a caller whose number is shown instead by another one

local function show_name(name)
    if not is_hidden then
        local is_shown = name and name ~= private_name
        session:setVariable("effective_caller_id_name", is_shown and name_for_a_leg(name) or NO_NAME)
    end
end

-- Dialhook lets no other destination through; it is looked at again here, because this one becomes a dial string.
local function dial(destination)
    local is_uri = destination:match("^sips?:[0-9A-Za-z._+~*#-]+@[0-9A-Za-z.:%[%]-]+$")
    if not is_uri and not destination:match("^%+?[0-9*#]+$") then
        return log("err", "no destination that can be dialled")
    end
    session:setVariable("continue_on_fail", "true")
    session:execute("bridge", filled(is_uri and "dialhook_dial_sip" or "dialhook_dial", destination))
    if session:getVariable("originate_disposition") == "SUCCESS" then
        session:hangup() -- somebody answered, and the talk is over
    end
end

local function with_application(application, name)
    return function(value)
        session:execute(application, filled(name, plain(value)))
    end
end

local function exec(step)
    local arguments = step.args
    if type(arguments) == "table" then
        arguments = table.concat(arguments, " ")
    end
    session:execute(step.app, dialhook.text_of(arguments) or "")
end

local function hang_up(cause)
    local is_named = type(cause) == "number" or type(cause) == "string"
    session:hangup(is_named and plain(cause) or "NORMAL_CLEARING")
end

local STEPS = {
    play = play,
    callername = show_name,
    dial = dial,
    queue = with_application("callcenter", "dialhook_queue"),
    voicemail = with_application("voicemail", "dialhook_voicemail"),
    exec = exec,
    hangup = hang_up,
}

-- A step is a word, or an object of one key.
local function run(steps)
    for _, step in ipairs(type(steps) == "table" and steps or {}) do
        local name, value = step, nil
        if type(step) == "table" then
            name, value = next(step)
        end
        if not session:ready() then
            return
        end
        if STEPS[name] then
            STEPS[name](value)
        else
            log("err", "there is no step called " .. tostring(name))
        end
    end
end

-- The keys that were pressed, and whether the terminator was.
local function read_code(answer)
    session:setVariable("read_terminator_used", "")
    session:flushDigits()
    local code = session:read(1, answer.max_digits, answer.play, answer.timeout_ms, answer.terminator, answer.timeout_ms)
    return code, (session:getVariable("read_terminator_used") or "") ~= ""
end

local last_was_longest = false

-- Plays the message and returns what call.continue has to say.
local function collect(answer)
    session:answer()
    session:setVariable("sensitive_dtmf", "true") -- a code is a secret: not in FreeSWITCH's log either
    local code, ended = read_code(answer)
    if last_was_longest and code == "" and ended then
        -- A longest code needs no terminator; this one was pressed after it all the same, and is no empty code.
        code, ended = read_code(answer)
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

local function hide_caller()
    is_hidden = true
    session:setVariable("effective_caller_id_name", "Anonymous")
    session:setVariable("effective_caller_id_number", "anonymous")
    session:setVariable("sip_copy_custom_headers", "false") -- P-Charge-Info, Identity and X-headers of the caller's INVITE
    session:execute("privacy", "full")
end

-- What the call came in with (RPID's privacy=name, screen=no) stays, unless the decision is another one.
local function forward_caller(decision)
    local callerid = type(decision.callerid) == "table" and decision.callerid or {}
    if callerid.presentation == "prohibited" then
        return hide_caller()
    end
    if is_private() then
        session:execute("privacy", "no")
        private_name = own_name()
    end
    if dialhook.text_of(callerid.number) then
        session:setVariable("effective_caller_id_number", number_for_a_leg(callerid.number))
    end
    show_name(dialhook.text_of(decision.callername))
end

local function carry_out(decision)
    set("status", decision.status)
    set("reason", decision.reason)
    set("destination", decision.destination)
    set("callername", decision.callername)
    for key, value in pairs(type(decision.variables) == "table" and decision.variables or {}) do
        set("var_" .. key:gsub("[^%w_]", "_"), value)
    end
    set("branch", dialhook.text_of(decision.branch) or "none")
    forward_caller(decision)
    if dialhook.text_of(decision.play) then
        play(decision.play)
    end
    run(decision.steps)
end

local function converse(client, webhook)
    local method, params = "call.route", question(webhook)
    while params and session:ready() do
        local answer, fault, detail = client:ask(method, params, tonumber(setting("dialhook_seconds")))
        if not answer then
            set("reason", fault)
            return log("warning", "no decision: " .. fault .. (detail and " " .. tostring(detail) or ""))
        end
        method = "call.continue"
        if answer.action == "collect" then
            params = collect(answer)
        elseif answer.action == "run" then
            run(answer.steps)
            params = {state = answer.state}
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

-- Stands until there is a decision, whatever happens.
session:setVariable("dialhook_branch", "away")
local client = dialhook.client(setting("dialhook_socket"))
local fine, fault = pcall(function()
    converse(client, webhook_of(argv))
end)
client:close()
if not fine then
    log("err", tostring(fault))
end
