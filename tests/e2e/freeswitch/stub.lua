-- Stands in for FreeSWITCH: as much of mod_lua's API as config/freeswitch/dialhook.lua uses, and of mod_sofia what happens to a caller's
-- name and number on their way into the INVITE of the next leg.
--   luaX.Y stub.lua SCRIPT CALL ARGUMENT…
-- CALL is a JSON file: `variables` of the channel; `screen`, false when it came in with screen=no; `keys`, what the caller does at each
-- session:read: {"digits", "terminator", "early"} (`early` was pressed before) or "hangup"; `missing`, audio files that are not there;
-- `answered`, whether a bridge succeeds, and `transferred`, whether the talk ends in a transfer of the caller; `queue_answered`;
-- `gone_after`, seconds until the caller hangs up, and `gone_in`, the application in which it happens. What the script does comes out as
-- JSON lines, and its variables at the end.
local json = require "cjson"
local clock = require("socket").gettime
local here = arg[0]:match("^(.*)/") or "."
local wire = dofile(here .. "/wire.lua")

local script = arg[1]
local file = assert(io.open(arg[2]))
local call = json.decode(file:read("*a"))
file:close()
argv = {(table.unpack or unpack)(arg, 3)}

local variables, keys, missing = call.variables, call.keys or {}, {}
for _, name in ipairs(call.missing or {}) do
    missing[name] = true
end
local up, moved, started = true, false, clock()
local waiting, pressed_early = "", "" -- digits in FreeSWITCH's queue, and those still in the packets that nobody has read

local function did(...)
    print(json.encode({...}))
end

local function is_text(value)
    return type(value) == "string"
end

local function read_packets()
    waiting, pressed_early = waiting .. pressed_early, ""
end

local function answer()
    if not variables.stub_answered then
        variables.stub_answered = "true"
        did("answer")
    end
end

freeswitch = {}
function freeswitch.consoleLog(level, text)
    assert(text:sub(-1) == "\n" and not text:sub(1, -2):find("\n"))
    did("log", level, text)
end
function freeswitch.getGlobalVariable(name)
    assert(is_text(name))
    return name == "script_dir" and call.script_dir or nil
end

session = {}
function session:getVariable(name)
    assert(is_text(name))
    return variables[name]
end
function session:setVariable(name, value)
    assert(is_text(name) and is_text(value), "setVariable takes two texts")
    variables[name] = value ~= "" and value or nil
end
function session:ready()
    if call.gone_after and clock() - started >= call.gone_after then
        up = false
    end
    return up and not moved
end
function session:answer()
    answer()
end
function session:sleep(milliseconds, is_synchronised)
    assert(type(milliseconds) == "number" and is_synchronised == 1)
    read_packets()
    return 1
end
function session:streamFile(name)
    assert(is_text(name))
    did("play", name)
    return missing[name] and 0 or 1
end
function session:flushDigits()
    waiting = ""
end
function session:read(min, max, prompt, timeout, terminators, digit_timeout)
    assert(min == 1 and type(max) == "number" and type(timeout) == "number" and type(digit_timeout) == "number")
    did("read", prompt, max, timeout, terminators)
    variables.read_result = nil
    if missing[prompt] then
        return "" -- at once, and nobody has listened
    end
    read_packets()
    local pressed = table.remove(keys, 1) or {digits = ""}
    if pressed == "hangup" then
        up = false
        return ""
    end
    if pressed.terminator then
        variables.read_terminator_used = pressed.terminator
    end
    variables.read_result = pressed.digits == "" and "failure" or "success"
    local code = waiting .. pressed.digits
    waiting, pressed_early = "", keys[1] and keys[1] ~= "hangup" and keys[1].early or ""
    return code
end

local function bridge(data)
    if data:find("^sofia/") or data:find("^user/") then
        did("invite", wire.invite(variables, call.screen ~= false))
    end
    variables.originate_disposition = call.answered and "SUCCESS" or "NO_ANSWER"
    if call.answered then
        answer()
        moved = call.transferred or false
    else
        variables.last_bridge_proto_specific_hangup_cause = "sip:480"
        up = up and variables.continue_on_fail == "true"
    end
end

local function privacy(mode)
    variables.privacy_hide_number = mode == "full" and "true" or "false"
    variables.privacy_hide_name = variables.privacy_hide_number
    call.screen = true
end

function session:execute(application, data)
    assert(is_text(application) and (data == nil or is_text(data)))
    did("execute", application, data)
    for command in (data or ""):gmatch("%${[%w_]+[( ][^}]*}") do
        did("command", command)
    end
    if application == "bridge" and data then
        bridge(data)
    elseif application == "privacy" then
        privacy(data)
    elseif application == "callcenter" then
        answer()
        variables.cc_cause = call.queue_answered and "answered" or "cancel"
    elseif application == "voicemail" then
        assert(variables.stub_answered, "only early media: the caller of a voicemail waits for an answer")
        variables.stub_voicemail_name = variables.effective_caller_id_name
    end
    up = up and application ~= call.gone_in
end

function session:hangup(cause)
    if not session:ready() then
        did(moved and "cut off after a transfer" or "hung up twice")
    end
    up = false
    variables.stub_sip_code = wire.sip_code(variables, cause)
    did("hangup", cause)
end

pressed_early = type(keys[1]) == "table" and keys[1].early or ""
dofile(script)
did("variables", variables)
