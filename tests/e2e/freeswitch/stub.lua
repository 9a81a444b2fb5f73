-- Stands in for FreeSWITCH: as much of mod_lua's API as config/freeswitch/dialhook.lua uses.
--   lua5.1 stub.lua SCRIPT CALL ARGUMENT…
-- CALL is a JSON file: `variables` of the channel; `keys`, what the caller does at each session:read: {"digits","terminator"} or
-- "hangup"; `answered`, whether a bridge succeeds. What the script does comes out as JSON lines, and its variables at the end.
local json = require "cjson"

local script = arg[1]
local file = assert(io.open(arg[2]))
local call = json.decode(file:read("*a"))
file:close()
argv = {unpack(arg, 3)}

local variables, keys, up = call.variables, call.keys or {}, true

local function did(...)
    print(json.encode({...}))
end

freeswitch = {}
function freeswitch.consoleLog(level, text)
    assert(text:sub(-1) == "\n")
    did("log", level, text)
end

session = {}
function session:getVariable(name)
    return variables[name]
end
function session:setVariable(name, value)
    assert(type(name) == "string" and type(value) == "string", "setVariable takes two texts")
    variables[name] = value
end
function session:ready()
    return up
end
function session:answer()
    if not variables.stub_answered then
        variables.stub_answered = "true"
        did("answer")
    end
end
function session:streamFile(name)
    assert(type(name) == "string")
    did("play", name)
end
function session:flushDigits()
end
function session:read(min, max, prompt, timeout, terminators, digit_timeout)
    assert(min == 1 and type(max) == "number" and type(timeout) == "number" and type(digit_timeout) == "number")
    did("read", prompt, max, timeout, terminators)
    local pressed = table.remove(keys, 1) or {digits = ""}
    if pressed == "hangup" then
        up = false
        return ""
    end
    if pressed.terminator then
        variables.read_terminator_used = pressed.terminator
    end
    return pressed.digits
end
function session:execute(application, data)
    assert(type(application) == "string" and (data == nil or type(data) == "string"))
    did("execute", application, data)
    if application == "bridge" then
        variables.originate_disposition = call.answered and "SUCCESS" or "USER_BUSY"
    end
end
function session:hangup(cause)
    up = false
    did("hangup", cause)
end

dofile(script)
did("variables", variables)
